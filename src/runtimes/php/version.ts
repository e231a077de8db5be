import { Problem } from '../../error.ts';

/** PHP's versions as Debian's packages carry them: `8.4`. */
export const phpPattern = /^[5-9]\.\d$/;

/** A version of PHP that a package name can hold; that the host offers it is for the host to say. */
export function phpVersion(text: string): string {
  if (phpPattern.test(text)) return text;
  const [whole] = /^[5-9]\.\d(?=\.)/.exec(text) ?? [];
  throw new Problem({
    message: `"${text}" is not a PHP version.`,
    hint: `Write it as ${whole ?? 'a number such as 8.4'}. Without it, the distribution's version is used.`,
  });
}
