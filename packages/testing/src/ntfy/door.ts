import type { IncomingMessage } from 'node:http';
import { NtfyRefusal } from './ntfy-errors.ts';

export interface DoorOptions {
  /** Names and passwords. */
  users?: Record<string, string>;
  tokens?: readonly string[];
  /** Topics that only users and bearers of a token may use. */
  protectedTopics?: readonly string[];
}

/** ntfy allows so many failed logins, and then one a minute more, which no test waits for. */
const AUTH_FAILURES = 30;

/** Who may do what. */
export class Door {
  readonly #options: DoorOptions;
  /** While true no token is any good. */
  refusesTokens = false;
  #failures = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Whether this is somebody; a login that is wrong is refused, none at all is not. */
  identify(request: IncomingMessage, query: URLSearchParams): boolean {
    const encoded = query.get('auth');
    const header = request.headers.authorization ?? (encoded && Buffer.from(encoded, 'base64url').toString('utf8'));
    const [, scheme, credentials] = /^(bearer|basic) +(\S+)$/i.exec(header ?? '') ?? [];
    if (scheme === undefined || credentials === undefined) return false;
    // Whoever failed too often is not even looked at, however good the login now is.
    if (this.#failures >= AUTH_FAILURES) throw new NtfyRefusal('tooManyAuthFailures');
    const isSomebody = scheme.toLowerCase() === 'bearer' ? this.#isToken(credentials) : this.#isLogin(credentials);
    if (isSomebody) return true;
    this.#failures += 1;
    throw new NtfyRefusal('unauthorized');
  }

  admit(topics: readonly string[], isSomebody: boolean): void {
    const isProtected = topics.some((topic) => this.#options.protectedTopics?.includes(topic));
    if (isProtected && !isSomebody) throw new NtfyRefusal('forbidden');
  }

  #isToken(token: string): boolean {
    return !this.refusesTokens && (this.#options.tokens ?? []).includes(token);
  }

  #isLogin(credentials: string): boolean {
    const login = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = login.indexOf(':');
    const [name, password] = [login.slice(0, colon), login.slice(colon + 1)];
    if (name === '') return this.#isToken(password);
    return Object.hasOwn(this.#options.users ?? {}, name) && this.#options.users?.[name] === password;
  }
}
