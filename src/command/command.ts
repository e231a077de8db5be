import { type Command, shellText } from './shell-text.ts';

export type { Command } from './shell-text.ts';

export type Word = string | number | Command | readonly (string | number | Command)[];

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Returns one word of POSIX `sh`, quoted if necessary. Throws a TypeError on a NUL byte, which no argument can contain. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot contain a NUL byte');
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Returns a text or a command in the notation of systemd between double quotes; see systemd.service(5), "Command lines". */
export function quoteForUnit(text: string | Command): string {
  return (typeof text === 'string' ? text : text.text)
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
    .replaceAll('\n', '\\n');
}

function render(word: Word): string {
  if (typeof word === 'string') return quote(word);
  if (typeof word === 'number') return String(word);
  if (isCommand(word)) return word.text;
  return word.map(render).join(' ');
}

function isCommand(word: Word): word is Command {
  return typeof word === 'object' && 'kind' in word;
}

/**
 * Returns a command from a template. The literal parts are shell; each interpolation is a word that is quoted,
 * a list of such words, or another command that is inserted unchanged.
 */
export function sh(strings: TemplateStringsArray, ...words: readonly Word[]): Command {
  return shellText(strings.reduce((text, part, index) => text + render(words[index - 1] ?? '') + part));
}

/** Returns whether two commands are identical. */
export function isSameCommand(one: Command, other: Command): boolean {
  return one.text === other.text;
}

/** Joins commands, each on its own line. */
export function lines(...commands: readonly Command[]): Command {
  return shellText(commands.map((command) => command.text).join('\n'));
}

/**
 * Returns a command with a text on its standard input, in which the shell expands nothing. Throws a TypeError if a line of the text equals
 * the end mark.
 */
export function withInput(command: Command, text: string, mark = 'FOOBAR_PROVISION_INPUT'): Command {
  const input = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (`\n${input}`.includes(`\n${mark}\n`)) throw new TypeError(`a line of the text is ${mark}, which ends it`);
  return shellText(`${command.text} <<'${mark}'\n${input}${mark}`);
}

/**
 * Returns commands that run at the same time and print one after the other, the last of them first: the others wait in a pipe. They share
 * no variables, and their standard input is empty.
 */
export function inParallel([first = sh`:`, ...more]: readonly Command[]): Command {
  const one = sh`(\n${first}\n) </dev/null`;
  return more.length === 0 ? one : sh`${one} | { ${inParallel(more)}\ncat; }`;
}
