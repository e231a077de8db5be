import { reveal, type Secret } from '../command/secret.ts';

/** Prefixes of a secret from this length on are redacted too, because a PHP trace prints the first 15 characters of an argument. */
const minPrefixLength = 8;

/**
 * Returns a function that redacts secrets in text from the host, complete or truncated, plain or URL-encoded. A service's log may contain
 * one: before PHP 8.2, the trace of a failed login shows its arguments.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const patterns = secrets
    .flatMap((secret) => linesOf(reveal(secret)))
    .flatMap((text) => [text, encodeURIComponent(text)])
    .map((text) => new RegExp(text.length > minPrefixLength ? `${literal(text.slice(0, minPrefixLength))}[^\\s'"]*` : literal(text), 'g'));
  return (text) => patterns.reduce((line, pattern) => line.replace(pattern, '(sensitive)'), text);
}

/** Returns a secret's lines. If there are several, leaves out the header and footer of a key, and lines of up to three characters. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.length < 2 ? lines : lines.filter((line) => line.length > 3 && !line.startsWith('-----'));
}

/** Escapes text for a regular expression. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
