import { reveal, type Secret } from '../command/secret.ts';

/** Characters of a secret that give it away: a PHP trace prints the first 15 of an argument, so the whole alone is not enough. */
const telling = 8;

/**
 * A function that blots the secrets out of text from the host, whole or cut short, plain or as a URL has them. A service's log can hold one:
 * before PHP 8.2 the trace of a failed login shows its arguments.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const patterns = secrets
    .flatMap((secret) => linesOf(reveal(secret)))
    .flatMap((text) => [text, encodeURIComponent(text)])
    .map((text) => new RegExp(text.length > telling ? `${literal(text.slice(0, telling))}[^\\s'"]*` : literal(text), 'g'));
  return (text) => patterns.reduce((line, pattern) => line.replace(pattern, '(sensitive)'), text);
}

/** A secret's lines. The frames of a key are none, and neither is its last line where that is one sign, of which any text is full. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.length < 2 ? lines : lines.filter((line) => line.length > 3 && !line.startsWith('-----'));
}

/** Text as a pattern that matches just it. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
