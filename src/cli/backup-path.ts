import { statSync } from 'node:fs';

const endings = /\.(?:tar|tgz|gz|zip|zst|bz2|xz|7z|rar|sql|wpress|daf)$/i;

/**
 * Returns whether a word names a backup on this machine instead of a host: a file, or anything with a slash or the ending of an archive. A
 * folder needs a slash, because the folder that an import creates has the name of its domain.
 */
export function isBackup(word: string): boolean {
  if (/[/\\]/.test(word) || statSync(word, { throwIfNoEntry: false })?.isFile()) return true;
  return endings.test(word) && !word.includes('@');
}
