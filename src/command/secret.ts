let open: (secret: Secret) => string;

/**
 * A value that nobody may see. It prints as `(sensitive)` wherever it is printed, serialised or inspected;
 * only `reveal` gives it away, and only the transport and the database hop call that.
 */
export class Secret {
  readonly #text: string;

  static {
    open = (secret) => secret.#text;
  }

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return '(sensitive)';
  }

  toJSON(): string {
    return '(sensitive)';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(sensitive)';
  }
}

/** The text behind a secret. Its callers hand it to a socket, and keep it nowhere. */
export function reveal(secret: Secret): string {
  return open(secret);
}
