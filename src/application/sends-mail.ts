import type { Files } from '../runtimes/detected.ts';

/** Applications that send mail with PHP's `mail()` by default. */
const known =
  /^(?:WordPress|Drupal|Joomla|MediaWiki|phpBB|MyBB|PrestaShop|OpenCart|DokuWiki|Moodle|Nextcloud|Matomo|Piwigo|FreshRSS|TYPO3|CodeIgniter)/;

/** The maximum number of scripts that are read. A larger application is probably a known one, or uses a library to send mail. */
const most = 300;

/** Returns whether an application sends mail with PHP's `mail()`, judging by its name and its own scripts. */
export function sendsMail({ paths, text }: Files, name: string): boolean {
  if (known.test(name)) return true;
  const scripts = paths.filter((path) => path.endsWith('.php') && !/(?:^|\/)(?:vendor|node_modules|tests?)\//.test(path));
  return scripts.slice(0, most).some((path) => callsMail(text, path));
}

function callsMail(text: Files['text'], path: string): boolean {
  try {
    return /(?<![\w>:$\\]|function )\\?\bmail\s*\(/.test(text(path));
  } catch {
    // Sending the files reports a script that cannot be read.
    return false;
  }
}
