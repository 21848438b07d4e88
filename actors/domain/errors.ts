// The two ways in which work can fail that is not refused (STYLE, "Saying no").

/** Something is away or overloaded: the same work may go through later. */
export class RetryableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RetryableError';
  }
}

/** It will not get better by trying: a dead letter. */
export class TerminalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TerminalError';
  }
}
