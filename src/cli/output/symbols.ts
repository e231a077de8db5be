import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

const signs = {
  ok: ['✔', 'green'],
  bad: ['✖', 'red'],
  warn: ['!', 'yellow'],
  back: ['↺', 'yellow'],
} as const;

export type Mark = keyof typeof signs;

/** Returns a text with color if the stream, NO_COLOR, FORCE_COLOR and TERM allow it. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Returns the sign at the start of a line. */
export function mark(name: Mark, stream?: NodeJS.WriteStream): string {
  const [sign, style] = signs[name];
  return paint(style, sign, stream);
}
