import { Problem } from '../error.ts';

/** PHP's versions as Debian's packages carry them: `8.4`. */
export const phpPattern = /^[5-9]\.\d$/;

/** A version of PHP that a package name can hold; that the host offers it is for the host to say. */
export function phpVersion(text: string): string {
  if (phpPattern.test(text)) return text;
  const [whole] = /^[5-9]\.\d(?=\.)/.exec(text) ?? [];
  throw new Problem({
    message: `"${text}" is no version of PHP.`,
    hint: `Give it as 8.4${whole ? `; here that is ${whole}` : ''}. Left out, it is the distribution's. Nothing was changed.`,
  });
}
