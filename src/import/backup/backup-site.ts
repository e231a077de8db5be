import { sendingRules } from '../../application/frameworks/known.ts';
import { Problem } from '../../error.ts';
import { type CredentialFile, credentialPaths, credentialsIn } from '../credentials.ts';
import { type Item, utf8 } from '../listing.ts';
import type { Texts } from '../nginx.ts';
import { hasWww, itemRemarks, type OldSite, type OldSiteRequest, recognizeApplication, sharedOf } from '../old-site.ts';
import type { Origin } from '../origin.ts';
import { versionIn } from '../php.ts';
import type { Remark } from '../remark.ts';
import { schedulesIn } from '../schedule.ts';
import { type Backup, filesOfBackup, foldersOf, listBackup, readTexts, writeDump } from './backup-files.ts';
import type { Container } from './container.ts';
import { type BackupSite, type Layout, layoutOf } from './layout.ts';

/** Reads everything about a site in a backup, without unpacking it to disk. */
export async function backupOrigin(container: Container, request: OldSiteRequest, signal: AbortSignal): Promise<Origin> {
  const backup = await listBackup(container, signal);
  const read = (paths: readonly string[]) => readTexts(backup, paths, signal);
  const { name } = container;
  const stated = request.root?.replace(/^\.?\/+|\/+$/g, '');
  const layout: Layout =
    stated === undefined
      ? await layoutOf({ name, items: backup.items, read })
      : { title: 'Files of a site', sites: [{ folder: stated, names: [] }], dumps: ['', ...foldersOf(stated)] };
  const chosen = siteOf(layout, name, request);
  const { domain, folder } = chosen;
  const all = backup.items.flatMap((item) =>
    item.path.startsWith(prefixOf(folder)) ? [{ ...item, path: item.path.slice(prefixOf(folder).length) }] : [],
  );
  if (all.length === 0)
    throw new Problem({
      message: `${name} has no files in ${folder === '' ? 'it' : `the folder ${folder}`}.`,
      hint: 'Name the folder of the site in it: --root FOLDER.',
    });
  const files = filesOfBackup(backup, folder, signal);
  const paths = new Set(all.map(({ path }) => path));
  const texts = new Map(await files.texts([...credentialPaths, '.htaccess']));
  const elsewhere = await settingsOfDuplicator(all, files.texts);
  if (elsewhere && !texts.has('wp-config.php')) texts.set('wp-config.php', elsewhere);
  const credentials = credentialsIn(texts);
  const dump = await dumpOf(backup, layout, folder, credentials, read);
  const ownDump = dump?.startsWith(prefixOf(folder)) ? dump.slice(prefixOf(folder).length) : undefined;
  const items = all.filter(({ path }) => path !== ownDump);
  const known = await recognizeApplication(items, files.texts);
  const root = chosen.oldFolder ?? `${name}/${folder}`;
  const { cron, remarks: ofCron } = layout.crontab
    ? schedulesIn(layout.crontab.text, layout.crontab.path, { root, domain })
    : { cron: [], remarks: [] };
  const php = chosen.php ?? versionInRules(texts.get('.htaccess') ?? '');
  const others = layout.sites.flatMap((other) => (other.folder !== folder && other.folder.startsWith(prefixOf(folder)) ? [other] : []));
  const dumpSize = backup.items.find(({ path }) => path === dump)?.size ?? 0;
  const site: OldSite = {
    domain,
    title: layout.title,
    names: chosen.names,
    hasWww: await hasWww(domain, chosen.names),
    root,
    docroot: '.',
    php: { settings: {}, environment: [], remarks: [], ...(php && { version: php }) },
    extensions: [],
    ...(known && { known }),
    shared: sharedOf(known, '.', items, credentials),
    leftBehind: [
      '.git',
      '.svn',
      '.hg',
      '/node_modules',
      '*.swp',
      '/dup-installer',
      '/installer-backup.php',
      ...(paths.has('dup-installer') || elsewhere ? ['/installer.php'] : []),
      ...others.map((other) => `/${other.folder.slice(prefixOf(folder).length)}`),
      ...(known ? sendingRules(known) : []),
    ],
    items,
    cron,
    workers: [],
    ...(credentials && { credentials }),
    ...(elsewhere && !paths.has('wp-config.php') && { settingsAreElsewhere: true }),
    ...(dump && { dump: { path: dump, size: dumpSize } }),
    remarks: [
      ...ofCron,
      ...unusableRemarks(backup),
      ...others.map((other) => remark(`${other.domain ?? other.folder} is a site of its own, in ${other.folder}; import it by its name.`)),
      ...(credentials && !dump
        ? [
            remark(
              `There is no dump of the database ${credentials.credentials.name}, which ${credentials.path} names. Only files are copied.`,
            ),
          ]
        : []),
      ...itemRemarks(items),
    ],
  };
  return {
    name,
    kind: 'backup',
    site,
    files,
    ...(dump && { database: { size: dumpSize, dump: (output, ending) => writeDump(backup, dump, output, ending) } }),
  };
}

function remark(text: string): Remark {
  return { at: '', text };
}

function unusableRemarks({ unusable }: Backup): readonly Remark[] {
  const [first] = unusable;
  if (first === undefined) return [];
  return [remark(`Names that lead out of the backup, or are not in UTF-8, are not copied: ${unusable.length}, such as ${first}.`)];
}

function prefixOf(folder: string): string {
  return folder === '' ? '' : `${folder}/`;
}

function siteOf(layout: Layout, name: string, { domain: asked }: OldSiteRequest): BackupSite & { readonly domain: string } {
  const isSite = (site: BackupSite) =>
    asked === undefined || site.domain === undefined || [site.domain, `www.${site.domain}`, ...site.names].includes(asked);
  const found = layout.sites.filter(isSite);
  const domains = layout.sites.flatMap(({ domain }) => domain ?? []);
  const [only] = found;
  const domain = asked ?? only?.domain;
  if (only && domain !== undefined && found.length === 1) return { ...only, domain };
  throw new Problem({
    message:
      domains.length === 0
        ? `${name} does not name the domain of its site.`
        : asked === undefined
          ? `${name} has several sites: ${domains.join(', ')}.`
          : `${name} has no site ${asked}; it has ${domains.join(', ')}.`,
    hint: 'Name the site to import: --site example.com.',
  });
}

/** Returns the version of PHP that a panel has written into `.htaccess`: `application/x-httpd-ea-php81`. */
function versionInRules(text: string): string | undefined {
  return versionIn(/application\/x-httpd-(?:ea-|alt-)?(php\d\d)/.exec(text)?.[1]);
}

/** Returns the text of wp-config.php in an archive of Duplicator, which keeps it under another name. */
async function settingsOfDuplicator(
  items: readonly Item[],
  texts: (paths: readonly string[]) => Promise<Texts>,
): Promise<string | undefined> {
  const path = items.find(({ path: each }) =>
    /^dup-installer\/(?:dup-wp-config-arc__[^/]*\.txt|original_files_[^/]+\/source_site_wpconfig)$/.test(each),
  )?.path;
  return path === undefined ? undefined : (await texts([path])).get(path);
}

const isSql = /\.sql(?:\.gz)?$/i;
const dumpStart =
  /^(?:\xef\xbb\xbf|\ufeff)?\s*(?:(?:--|#) ?-*\s*(?:MySQL|MariaDB|phpMyAdmin|Adminer|HeidiSQL|mysqldump|WordPress|Database)|\/\*M!999999\\-|\/\* ?DUPLICATOR|\/\*!40\d{3} SET)/i;

/**
 * Returns the path of the dump of the site's database: the one with the name of the database, or the only one. In the folder of the site, only
 * a file that a dump program has written is one, because applications have files with statements of their own.
 */
async function dumpOf(
  { items, container }: Backup,
  { dumps, sites }: Layout,
  folder: string,
  credentials: CredentialFile | undefined,
  read: (paths: readonly string[]) => Promise<Texts>,
): Promise<string | undefined> {
  const folderOf = (path: string) => path.replace(/\/?[^/]*$/, '');
  const candidates = items.filter(({ path, type }) => type === 'file' && isSql.test(path));
  const outside = candidates.filter(({ path }) => dumps.includes(folderOf(path)) && folderOf(path) !== folder).map(({ path }) => path);
  const inside = candidates
    .filter(({ path }) => folderOf(path) === folder || folderOf(path) === `${prefixOf(folder)}dup-installer`)
    .map(({ path }) => path);
  const texts = await read(inside.filter((path) => !path.endsWith('.gz')));
  const found = [...outside, ...inside.filter((path) => path.endsWith('.gz') || dumpStart.test(texts.get(path) ?? ''))];
  const name = credentials?.credentials.name ?? '';
  const plain = (path: string) => path.replace(/^.*\//, '').replace(isSql, '');
  // Of several sites, one without a database needs none of the dumps.
  if (name === '' && sites.length > 1) return undefined;
  const named = found.filter((path) => plain(path) === name);
  const similar = found.filter((path) => name !== '' && plain(path).includes(name));
  const best = [named, similar, found].find((each) => each.length > 0) ?? [];
  if (best.length < 2) return best[0];
  throw new Problem({
    message: `${container.name} has several dumps of databases: ${best.map(utf8).join(', ')}${name === '' ? '' : `, and ${credentials?.path} names ${name}`}.`,
    hint: 'Put the files and the right dump into one folder, and import that.',
  });
}
