import { Problem } from '../../error.ts';
import type { Item } from '../listing.ts';
import type { Texts } from '../nginx.ts';
import { versionIn } from '../php.ts';
import { foldersOf } from './backup-files.ts';

/** What a backup says about the sites in it. Paths are those of the backup. */
export interface Layout {
  /** `cPanel backup of anna` */
  readonly title: string;
  readonly sites: readonly BackupSite[];
  /** The folders that hold dumps of databases besides the one of the site. */
  readonly dumps: readonly string[];
  /** The text of a crontab, and its path. */
  readonly crontab?: { readonly path: string; readonly text: string };
}

export interface BackupSite {
  /** Undefined if the backup does not name it. */
  readonly domain?: string;
  readonly folder: string;
  /** Its other names. */
  readonly names: readonly string[];
  /** The folder that it had on the old server. */
  readonly oldFolder?: string;
  readonly php?: string;
}

/** The names in a backup, and a function that reads the text of some of its files. */
export interface BackupIndex {
  readonly name: string;
  readonly items: readonly Item[];
  readonly read: (paths: readonly string[]) => Promise<Texts>;
}

/** Returns what a backup says about itself. Rejects with a Problem if its format is one that cannot be imported. */
export async function layoutOf(index: BackupIndex): Promise<Layout> {
  refuseOthers(index);
  return (await cpanel(index)) ?? (await directAdmin(index)) ?? plain(index);
}

function refuseOthers({ name, items }: BackupIndex): void {
  const has = (pattern: RegExp) => items.find(({ path }) => pattern.test(path))?.path;
  const refusals: readonly (readonly [found: string | undefined, kind: string, hint: string])[] = [
    [
      has(/(?:^|\/)backup_(?:[\w.-]*_)?info_\d+.*\.xml(?:\.\w+)?$/),
      'a backup of Plesk',
      'Its archives are nested and have a format of their own. Import from the server while it runs (import user@host), or download httpdocs and a dump of the database (Export Dump) into one folder, and import that.',
    ],
    [
      has(/(?:^|\/)backup_[\d-]+_.*-(?:plugins|themes|uploads|others|db)\d*\.(?:zip|gz)$/),
      'a backup of UpdraftPlus',
      'It contains neither WordPress itself nor wp-config.php. Restore it into a WordPress site, and import that site.',
    ],
    [
      has(/^(?:[^/]+\/)?homedir\.tar(?:\.\w+)?$|^backup\/home\.tar(?:\.\w+)?$/),
      'a backup with the home folder as an archive inside the archive',
      'Unpack both yourself, the inner one into a folder `homedir` (cPanel) or into the same folder (DirectAdmin), and import the folder.',
    ],
  ];
  for (const [found, kind, hint] of refusals)
    if (found !== undefined) throw new Problem({ message: `${name} is ${kind} (${found}), which cannot be imported.`, hint });
}

/** Backups of cPanel: `cpmove-USER.tar.gz` and `backup-DATE_USER.tar.gz`, with everything in one folder. */
async function cpanel({ items, read }: BackupIndex): Promise<Layout | undefined> {
  const marker = items.find(({ path }) => /^(?:[^/]+\/)?userdata\/main$/.test(path))?.path;
  if (marker === undefined) return undefined;
  const top = marker.slice(0, -'userdata/main'.length);
  const has = new Set(items.map(({ path }) => path));
  const main = (await read([marker])).get(marker) ?? '';
  const domain = /^main_domain:\s*['"]?([\w.-]+)/m.exec(main)?.[1];
  const subdomains = listIn(main, 'sub_domains');
  // An addon domain is served by a subdomain of the main one.
  const addons = keysIn(main, 'addon_domains');
  const servedBy = new Set(addons.map(([, host]) => host));
  const hosts = [
    ...(domain ? [{ domain, host: domain, parked: listIn(main, 'parked_domains') }] : []),
    ...addons.map(([addon, host]) => ({ domain: addon, host, parked: [] })),
    ...subdomains.filter((host) => !servedBy.has(host)).map((host) => ({ domain: host, host, parked: [] })),
  ];
  const user = [...has]
    .map((path) => path.slice(top.length))
    .find((path) => /^(?:cp|cron)\/[\w.-]+$/.test(path))
    ?.replace(/.*\//, '');
  const crontab = `${top}cron/${user ?? ''}`;
  const paths = hosts.map(({ host }) => `${top}userdata/${host}`);
  const texts = await read([...paths, crontab]);
  const sites = hosts.map(({ domain: name, host, parked }): BackupSite => {
    const text = texts.get(`${top}userdata/${host}`) ?? '';
    const value = (key: string) => new RegExp(`^${key}:\\s*['"]?([^'"\\n]+)`, 'm').exec(text)?.[1]?.trim();
    const oldFolder = value('documentroot');
    const home = value('homedir') ?? oldFolder?.replace(/^(\/home\d*\/[^/]+).*$/, '$1') ?? '';
    const php = versionIn(value('phpversion'));
    const below = oldFolder?.startsWith(`${home}/`) ? oldFolder.slice(home.length + 1) : 'public_html';
    const aliases = (value('serveralias') ?? '')
      .split(/\s+/)
      .filter((each) => each !== '' && !/^(?:mail|cpanel|webmail|webdisk|cpcontacts|cpcalendars|autodiscover)\./.test(each));
    return {
      domain: name,
      folder: `${top}homedir/${below}`,
      names: [
        ...new Set([
          name,
          ...aliases.filter((each) => each !== host && each !== `www.${host}`),
          ...(aliases.includes(`www.${host}`) || aliases.includes(`www.${name}`) ? [`www.${name}`] : []),
          ...parked,
        ]),
      ],
      ...(oldFolder && { oldFolder }),
      ...(php && { php }),
    };
  });
  const cron = texts.get(crontab);
  return {
    title: `cPanel backup${user ? ` of ${user}` : ''}`,
    sites,
    dumps: [`${top}mysql`],
    ...(cron !== undefined && { crontab: { path: crontab, text: cron } }),
  };
}

/** Returns the items of a list in YAML, of which cPanel writes only the simplest kind. */
function listIn(text: string, name: string): readonly string[] {
  const block = new RegExp(`^${name}:[ \\t]*\\n((?:[ \\t]*-[ \\t]+.*\\n?)*)`, 'm').exec(text)?.[1] ?? '';
  return [...block.matchAll(/-[ \t]+['"]?([\w.*-]+)/g)].map(([, item = '']) => item);
}

function keysIn(text: string, name: string): readonly (readonly [key: string, value: string])[] {
  const block = new RegExp(`^${name}:[ \\t]*\\n((?:[ \\t]+[^\\n]+\\n?)*)`, 'm').exec(text)?.[1] ?? '';
  return [...block.matchAll(/^[ \t]+['"]?([\w.-]+)['"]?:[ \t]*['"]?([\w.-]+)/gm)].map(([, key = '', value = '']) => [key, value]);
}

/** Backups of DirectAdmin: `user.admin.USER.tar.gz`. */
async function directAdmin({ items, read }: BackupIndex): Promise<Layout | undefined> {
  const paths = new Set(items.map(({ path }) => path));
  if (!paths.has('backup/user.conf')) return undefined;
  const domains = [
    ...new Set(
      [...paths].flatMap(
        (path) => /^domains\/([^/]+)\/public_html$|^domains\/([^/]+)\/public_html\//.exec(path)?.slice(1).filter(Boolean) ?? [],
      ),
    ),
  ];
  const lists = domains.map((domain) => `backup/${domain}/domain.pointers`);
  const texts = await read(['backup/user.conf', 'backup/crontab.conf', ...lists]);
  const user = /^(?:username|name)=(\S+)/m.exec(texts.get('backup/user.conf') ?? '')?.[1];
  const crontab = texts.get('backup/crontab.conf');
  return {
    title: `DirectAdmin backup${user ? ` of ${user}` : ''}`,
    sites: domains.map((domain) => ({
      domain,
      folder: `domains/${domain}/public_html`,
      names: [
        domain,
        `www.${domain}`,
        ...[...(texts.get(`backup/${domain}/domain.pointers`) ?? '').matchAll(/^([\w.-]+)=/gm)].map(([, name = '']) => name),
      ],
      ...(user && { oldFolder: `/home/${user}/domains/${domain}/public_html` }),
    })),
    dumps: ['backup'],
    // Each line has a number before it.
    ...(crontab !== undefined && { crontab: { path: 'backup/crontab.conf', text: crontab.replaceAll(/^\d+=/gm, '') } }),
  };
}

const servedFolders = ['public_html', 'httpdocs', 'htdocs', 'www', 'html', 'web', 'docroot'];
const ownFiles = /^(?:index\.(?:php|html?)|wp-load\.php|composer\.json|artisan|configuration\.php|\.htaccess)$/;

/** Any other archive or folder: the site is in the first folder, from the top, that has the files of one. */
function plain({ name, items }: BackupIndex): Layout {
  const paths = items.map(({ path }) => path);
  const isDuplicator = paths.some((path) => /^(?:dup-installer\/|installer\.php$|installer-backup\.php$)/.test(path));
  const title = isDuplicator ? 'Archive of Duplicator' : items.length === 0 ? 'Nothing' : 'Files of a site';
  let folder = '';
  for (let depth = 0; depth < 6; depth += 1) {
    const prefix = folder === '' ? '' : `${folder}/`;
    const inside = items.filter(({ path }) => path.startsWith(prefix));
    const files = new Set(inside.flatMap(({ path, type }) => (type === 'folder' ? [] : [path.slice(prefix.length)])));
    if ([...files].some((path) => ownFiles.test(path))) return layout(title, folder);
    const folders = new Set(
      inside
        .flatMap(({ path, type }) =>
          type === 'folder' ? [path.slice(prefix.length)] : [path.slice(prefix.length).replace(/(?:^|\/)[^/]*$/, '')],
        )
        .flatMap((path) => path.split('/')[0] || []),
    );
    const served = servedFolders.find((each) => folders.has(each));
    const [only] = folders;
    const below = served ?? (folders.size === 1 ? only : undefined);
    if (below === undefined) {
      const seen = [...folders].slice(0, 8).join(', ');
      throw new Problem({
        message: `${name} has no folder that is clearly a site${seen === '' ? '' : `; ${folder === '' ? 'it has' : `${folder} has`} ${seen}`}.`,
        hint: 'Name the folder of the site in it: --root FOLDER.',
      });
    }
    folder = `${prefix}${below}`;
  }
  return layout(title, folder);
}

function layout(title: string, folder: string): Layout {
  return { title, sites: [{ folder, names: [] }], dumps: ['', ...foldersOf(folder)] };
}
