import { Problem } from '../../error.ts';

/** PHP's versions as they appear in the names of Debian's packages: `8.4`. */
export const phpPattern = /^[5-9]\.\d$/;

/** Returns a PHP version as package names contain it. Whether the host offers this version is checked later. */
export function phpVersion(text: string): string {
  if (phpPattern.test(text)) return text;
  const [whole] = /^[5-9]\.\d(?=\.)/.exec(text) ?? [];
  throw new Problem({
    message: `"${text}" is not a PHP version.`,
    hint: `Write it as ${whole ?? 'a number such as 8.4'}. Without it, the distribution's version is used.`,
  });
}
