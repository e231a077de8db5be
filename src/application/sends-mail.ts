import type { Files } from '../runtimes/detected.ts';

/** Applications that send their mail with PHP's `mail()` unless they are told otherwise. */
const known =
  /^(?:WordPress|Drupal|Joomla|MediaWiki|phpBB|MyBB|PrestaShop|OpenCart|DokuWiki|Moodle|Nextcloud|Matomo|Piwigo|FreshRSS|TYPO3|CodeIgniter)/;

/** Scripts that are read: an application of more is likely to be a known one, or to have its mail sent by a library. */
const most = 300;

/** Whether an application sends mail with PHP's `mail()`, as far as its name and its own scripts tell. */
export function sendsMail({ paths, text }: Files, name: string): boolean {
  if (known.test(name)) return true;
  const own = paths.filter((path) => path.endsWith('.php') && !/(?:^|\/)(?:vendor|node_modules|tests?)\//.test(path));
  return own.slice(0, most).some((path) => callsMail(text, path));
}

function callsMail(text: Files['text'], path: string): boolean {
  try {
    return /(?<![\w>:$\\]|function )\\?\bmail\s*\(/.test(text(path));
  } catch {
    // A script that cannot be read is an error where the files are sent, with a message of its own.
    return false;
  }
}
