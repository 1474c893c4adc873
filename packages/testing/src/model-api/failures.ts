import type { Reply } from './step.ts';

/** An HTTP error with the body that the API gives its errors. */
export function failWith(failure: {
  status: number;
  type: string;
  message: string;
  headers?: Readonly<Record<string, string>>;
}): Reply {
  return { headers: {}, ...failure, kind: 'failure' };
}

/** 401: the key is not one, or no longer. */
export function unauthorized(): Reply {
  return failWith({ status: 401, type: 'authentication_error', message: 'invalid x-api-key' });
}

/** 403: the key is good, and may not do this. */
export function forbidden(): Reply {
  const message = 'Your API key does not have permission to use the specified resource.';
  return failWith({ status: 403, type: 'permission_error', message });
}

/** 400: something in the request is wrong. */
export function invalidRequest(message = 'messages: at least one message is required'): Reply {
  return failWith({ status: 400, type: 'invalid_request_error', message });
}

/** 400: nothing is left to pay with. */
export function creditTooLow(): Reply {
  return invalidRequest(
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  );
}

/** 400: more was sent than the model can read. */
export function promptTooLong(): Reply {
  return invalidRequest('prompt is too long: 214315 tokens > 200000 maximum');
}

/** 404: no such model. */
export function unknownModel(model: string): Reply {
  return failWith({ status: 404, type: 'not_found_error', message: `model: ${model}` });
}

/** 429 of an API key: too many requests in a minute. `shouldRetry: false` tells the client not to try again by itself. */
export function rateLimited(options: { retryAfterS?: number; shouldRetry?: boolean } = {}): Reply {
  const { retryAfterS, shouldRetry } = options;
  return failWith({
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed your rate limit. Please try again later.',
    headers: {
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(shouldRetry === undefined ? {} : { 'x-should-retry': String(shouldRetry) }),
    },
  });
}

/** 429 of a subscription: its quota is used up until `resetsAt` (whole seconds); without it the API does not say until when. */
export function limited(options: { resetsAt?: Date; claim?: 'five_hour' | 'seven_day' | 'seven_day_opus' } = {}): Reply {
  const { resetsAt, claim = 'five_hour' } = options;
  const resetsAtS = resetsAt === undefined ? null : String(Math.floor(resetsAt.getTime() / 1000));
  return failWith({
    status: 429,
    type: 'rate_limit_error',
    message: "This request would exceed your account's rate limit. Please try again later.",
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-representative-claim': claim,
      'anthropic-ratelimit-unified-overage-status': 'rejected',
      'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
      ...(resetsAtS === null ? {} : { 'anthropic-ratelimit-unified-reset': resetsAtS }),
    },
  });
}

/** 500: the API itself failed. */
export function serverError(): Reply {
  return failWith({ status: 500, type: 'api_error', message: 'Internal server error' });
}

/** 529: the API has too much to do. */
export function overloaded(): Reply {
  return failWith({ status: 529, type: 'overloaded_error', message: 'Overloaded' });
}

/** The answer begins with status 200, and is an error all the same. */
export function failInStream(
  failure: { type: string; message: string } = { type: 'overloaded_error', message: 'Overloaded' },
): Reply {
  return { ...failure, kind: 'failure-in-stream' };
}
