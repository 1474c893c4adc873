/** Token counts of one answer; what is left out is 1000 in, 50 out and nothing cached. */
export interface Usage {
  input?: number;
  output?: number;
  cacheRead?: number;
  cacheWrite?: number;
}

/** What an answer may say besides its content. */
export interface AnswerOptions {
  usage?: Usage;
  /** The model that claims to have answered; by default the one that was asked for. */
  model?: string;
  /** Added to the answer's own, e.g. `anthropic-ratelimit-unified-status`. */
  headers?: Readonly<Record<string, string>>;
}

/** One part of an answer. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'tool'; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

/** An answer that is complete and well formed. */
export interface Answer extends AnswerOptions {
  readonly kind: 'answer';
  readonly blocks: readonly Block[];
  readonly stopReason: 'end_turn' | 'tool_use' | 'max_tokens' | 'refusal';
}

/** How a stream that was begun stops; a client that lost one asks again without streaming, and `fallback` is what it meets. */
export interface Break extends Omit<Answer, 'kind'> {
  readonly kind: 'break';
  readonly how: 'dies' | 'hangs';
  readonly fallback: 'answers' | 'dies' | 'hangs';
}

/** What becomes of one request. */
export type Reply =
  | Answer
  | Break
  | {
      readonly kind: 'failure';
      /** An HTTP status from 400 up. */
      readonly status: number;
      readonly type: string;
      readonly message: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** The status is 200, and the stream holds an error; without streaming it is a plain 500. */
  | { readonly kind: 'failure-in-stream'; readonly type: string; readonly message: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Waits for `release()`. */
  | { readonly kind: 'held'; readonly reply: Reply };

/** Answers one request of the main loop, which is one that offers tools; as a function, by what was asked. */
export type Step = Reply | ((body: MessagesBody) => Reply);

/** What a client posts to `/v1/messages`, as far as tests look at it. */
export interface MessagesBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly system?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string }[];
}
