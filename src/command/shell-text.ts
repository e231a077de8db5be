/** Shell text that is known to be well quoted. It executes nothing by being written. */
export interface Command {
  readonly kind: 'command';
  readonly text: string;
}

/**
 * Takes text as shell, without quoting any of it. Only this folder and what loads bundled files may: all others compose commands with `sh`.
 */
export function shellText(text: string): Command {
  return { kind: 'command', text };
}
