/** Every error that this client throws or reports. `code` is stable; the message is for people. */
export class ChatError extends Error {
  constructor(code, message, { status, retryAfterMs, closeCode, refusedSocket, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ChatError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.closeCode = closeCode;
    this.refusedSocket = refusedSocket;
  }
}

/** Throws the error for code on demand that cannot be loaded. */
export function failLoading(cause) {
  throw new ChatError('network', 'A part of the chat cannot be loaded', { cause });
}
