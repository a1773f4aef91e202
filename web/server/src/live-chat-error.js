/** Every error of a call. `code` is stable; `detail` is for people. */
export class LiveChatError extends Error {
  constructor(code, detail, { status, retryAfter, problem, cause } = {}) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'LiveChatError';
    this.code = code;
    this.detail = detail;
    this.status = status;
    this.retryAfter = retryAfter;
    this.problem = problem;
  }
}
