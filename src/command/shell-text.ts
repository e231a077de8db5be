/** Shell text with correct quoting. Creating it executes nothing. */
export interface Command {
  readonly kind: 'command';
  readonly text: string;
}

/**
 * Returns text as a command, without quoting. Only this folder and the loaders of bundled files may use it; everything else composes
 * commands with `sh`.
 */
export function shellText(text: string): Command {
  return { kind: 'command', text };
}
