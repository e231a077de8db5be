import { readFileSync } from 'node:fs';

export interface Mount {
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Parses a /proc/mounts text, which writes spaces in a path as octal codes (proc_mounts(5)). */
export function parseMounts(text: string): readonly Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, target = '', type = '', options = ''] = line.split(' ');
      const path = target.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
      return { target: path, type, options: options.split(',') };
    });
}

export function mounts(): readonly Mount[] {
  return parseMounts(readFileSync('/proc/mounts', 'utf8'));
}
