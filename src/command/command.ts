/** Shell text that is known to be well quoted. It executes nothing by being written. */
export interface Command {
  readonly kind: 'command';
  readonly text: string;
}

export type Word = string | number | Command | readonly (string | number | Command)[];

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word of POSIX `sh`, quoted where it needs to be. Throws on a NUL byte, which no argument can hold. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold a NUL byte');
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Text as systemd reads it between double quotes: systemd.service(5), "Command lines". */
export function quoteForUnit(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\n', '\\n');
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
 * A command from a template: the literal parts are shell, and every interpolation is a word that is quoted,
 * a list of such words, or another command that is inserted as it is.
 */
export function sh(strings: TemplateStringsArray, ...words: readonly Word[]): Command {
  return shell(strings.reduce((text, part, index) => text + render(words[index - 1] ?? '') + part));
}

/** Shell text written elsewhere (a prelude, a joined list) taken as a command. */
export function shell(text: string): Command {
  return { kind: 'command', text };
}

/** Commands one after another, each on its own line. */
export function lines(...commands: readonly Command[]): Command {
  return shell(commands.map((command) => command.text).join('\n'));
}

/**
 * Scripts that run at the same time and print one after the other, the last of them first: the others wait in a pipe. None sees another's
 * variables, and none reads what is typed or sent.
 */
export function atOnce([first = ':', ...more]: readonly string[]): string {
  const one = `(\n${first}\n) </dev/null`;
  return more.length === 0 ? one : `${one} | { ${atOnce(more)}\ncat; }`;
}
