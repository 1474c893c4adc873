/** An ntfy server, or one that speaks like it. */
export interface NtfyServer {
  /** `http` or `https`; may have a path, as behind a reverse proxy. */
  url: string;
  /** Access token, sent as `Authorization: Bearer`. */
  token?: string;
}

/** The address of something below the server's own, or null where that is no web address. */
export function addressOf(server: NtfyServer, path: string): URL | null {
  if (!URL.canParse(server.url)) return null;
  const base = new URL(server.url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') return null;
  const { origin } = base;
  return new URL(`${origin}${base.pathname.replace(/\/+$/, '')}/${path}`);
}

/** The server's address for people: without a user name, a password and parameters. */
export function shownAddress(server: NtfyServer): string {
  const address = addressOf(server, '');
  return address === null ? 'ntfy.server' : address.href.replace(/\/$/, '');
}

/** Whether a token can stand in a header at all; a file with two lines cannot. */
export function isUsableToken(token: string): boolean {
  return /^[\x21-\x7e]{1,1000}$/.test(token);
}

/** A text in which the token is not, even if a server sent it back. */
export function withoutToken(server: NtfyServer, text: string): string {
  return server.token === undefined || server.token === '' ? text : text.replaceAll(server.token, '(token)');
}
