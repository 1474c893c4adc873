/** What ntfy 2.13 answers when it does not do what it was asked for: the exact bodies. */
export interface NtfyError {
  code: number;
  http: number;
  error: string;
  link?: string;
}

const DOCS = 'https://ntfy.sh/docs';

export const NTFY_ERRORS = {
  badSince: {
    code: 40008,
    http: 400,
    error: 'invalid since parameter',
    link: `${DOCS}/subscribe/api/#fetch-cached-messages`,
  },
  badPriority: { code: 40007, http: 400, error: 'invalid priority parameter', link: `${DOCS}/publish/#message-priority` },
  badTopic: { code: 40009, http: 400, error: 'invalid request: topic invalid' },
  reservedTopic: { code: 40010, http: 400, error: 'invalid request: topic name is not allowed' },
  noAttachments: {
    code: 40014,
    http: 400,
    error: 'invalid request: attachments not allowed',
    link: `${DOCS}/config/#attachments`,
  },
  badJson: { code: 40024, http: 400, error: 'invalid request: request body must be valid JSON' },
  unauthorized: { code: 40101, http: 401, error: 'unauthorized', link: `${DOCS}/publish/#authentication` },
  forbidden: { code: 40301, http: 403, error: 'forbidden', link: `${DOCS}/publish/#authentication` },
  notFound: { code: 40401, http: 404, error: 'page not found' },
  jsonTooLarge: { code: 41303, http: 413, error: 'JSON body too large' },
  tooManyRequests: { code: 42901, http: 429, error: 'limit reached: too many requests', link: `${DOCS}/publish/#limitations` },
  tooManyAuthFailures: {
    code: 42909,
    http: 429,
    error: 'limit reached: too many auth failures',
    link: `${DOCS}/publish/#limitations`,
  },
} as const satisfies Record<string, NtfyError>;

/** Thrown within the server and answered by it. */
export class NtfyRefusal extends Error {
  readonly answer: NtfyError;

  constructor(name: keyof typeof NTFY_ERRORS) {
    super(NTFY_ERRORS[name].error);
    this.answer = NTFY_ERRORS[name];
  }
}
