import type { Files } from '../../runtimes/detected.ts';

/** The maximum number of folders that are searched. */
const most = 100;

/** Returns the front controllers of an application that no framework recognizes: the page in each folder answers the addresses below it. */
export function frontsBelow(files: Files, docroot: string, isOthers: (address: string) => boolean): Readonly<Record<string, string>> {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const scripts = files.paths
    .filter((path) => path.startsWith(prefix) && /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/){0,3}index\.php$/.test(path.slice(prefix.length)))
    .filter((path) => !/(?:^|\/)(?:vendor|node_modules|tests?)\//.test(path) && !isOthers(`/${path.slice(prefix.length)}`))
    .slice(0, most);
  return Object.fromEntries(
    scripts
      .filter((path) => path === `${prefix}index.php` || isPage(files.text(path)))
      .map((path) => {
        const address = `/${path.slice(prefix.length)}`;
        return [address.slice(0, -'index.php'.length), address];
      }),
  );
}

/** Returns whether a script shows something. Many folders have an `index.php` that is empty or redirects, only to prevent a listing. */
function isPage(text: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?:\/\/|#)[^\n]*|<\?(?:php|=)?|\?>|<!--[\s\S]*?-->/g, '').trim();
  return code !== '' && !/^(?:(?:header|exit|die|http_response_code|define)\b[^;]*;?\s*)+$/i.test(code);
}
