let open: (secret: Secret) => string;

/**
 * A value that must not be shown. It appears as `(sensitive)` when it is printed, serialized or inspected.
 * Only `reveal` returns it: for the transport, and for a health check that logs in.
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

/** Returns the text of a secret. Callers write it to a socket and store it nowhere. */
export function reveal(secret: Secret): string {
  return open(secret);
}
