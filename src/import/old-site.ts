import { type Known, knownIn, pathsIn, sendingRules } from '../application/frameworks/known.ts';
import { sh } from '../command/command.ts';
import { isApex, withoutWww } from '../config/apex.ts';
import { Problem } from '../error.ts';
import type { Files } from '../runtimes/detected.ts';
import type { Transport } from '../transport/transport.ts';
import { apacheVhosts } from './apache.ts';
import { type CredentialFile, credentialPaths, credentialsIn } from './credentials.ts';
import { type Item, listSite, utf8 } from './listing.ts';
import { nginxVhosts } from './nginx.ts';
import { describeServer, query, read, readSiteFiles, type ServerDescription, valuesOf } from './old-server.ts';
import { extensionsIn, type OldPhp, phpOf } from './php.ts';
import type { Remark } from './remark.ts';
import { type OldSchedule, type OldWorker, schedulesIn, workersIn } from './schedule.ts';
import type { Vhost } from './web-rules.ts';

/** What is known of a site on its old server. */
export interface OldSite {
  readonly domain: string;
  /** The distribution of the server. */
  readonly title: string;
  /** The site's block in the web server's configuration; undefined if no block names the site. */
  readonly vhost?: Vhost;
  /** Every name that is served there. */
  readonly names: readonly string[];
  /** False if the domain would get a `www.` name that it did not have. */
  readonly hasWww: boolean;
  /** The application's folder. */
  readonly root: string;
  /** The served folder, relative to the application's: `.` or `public`. */
  readonly docroot: string;
  /** The user with whose rights the site's files are read on a server. */
  readonly user?: string;
  readonly php: OldPhp;
  readonly extensions: readonly string[];
  readonly known?: Known;
  /** Paths that outlive a release, such as uploads. */
  readonly shared: readonly string[];
  /** Patterns, in the format of `.gitignore`, of what is not copied. */
  readonly leftBehind: readonly string[];
  readonly items: readonly Item[];
  readonly cron: readonly OldSchedule[];
  readonly workers: readonly OldWorker[];
  readonly credentials?: CredentialFile;
  /** True if the file with the credentials is not among the items under its own name. */
  readonly settingsAreElsewhere?: true;
  readonly database?: OldDatabase;
  /** The dump of the database in a backup, with its size in bytes. */
  readonly dump?: { readonly path: string; readonly size: number };
  readonly remarks: readonly Remark[];
}

export interface OldDatabase {
  readonly name: string;
  /** As the server says it: `10.11.6-MariaDB-0+deb12u1`. */
  readonly version: string;
  readonly collation: string;
  readonly tables: number;
  /** In bytes, data and indexes. */
  readonly size: number;
  /** The number of tables whose engine has no transactions, so that a dump may contain changes made while it runs. */
  readonly withoutTransactions: number;
}

export interface OldSiteRequest {
  readonly domain: string | undefined;
  /** The site's folder on the old server, for one whose web server's configuration cannot be read. */
  readonly root?: string | undefined;
}

/** Reads everything about a site on its old server, and with whose rights its files are read. Changes nothing there. */
export async function readOldSite(
  transport: Transport,
  { domain: requested, root: stated }: OldSiteRequest,
): Promise<{ readonly site: OldSite; readonly user: string }> {
  const server = await describeServer(transport, requested ?? '');
  const vhosts = [...nginxVhosts(server.texts), ...apacheVhosts(server.texts)];
  const domain = requested ?? onlyDomain(transport, vhosts);
  requirePrograms(transport, server);
  const blocks = await vhostsOf(domain, vhosts);
  const vhost =
    blocks.find(({ docroot, php, redirects }) => docroot && php && !redirects) ??
    blocks.find(({ docroot, redirects }) => docroot && !redirects);
  const folder = stated ?? vhost?.docroot ?? server.folders[0];
  if (!folder) throw notFound(transport, domain, vhosts);
  const described = await read(transport, sh`describe_folder ${folder}`);
  const served = valuesOf(described, 'real')[0] ?? '';
  const owner = valuesOf(described, 'owner')[0] ?? '';
  if (served === '' || owner === '') throw noFolder(transport, domain, folder);
  const above = valuesOf(described, 'above');
  const php = phpOf(vhost, server.texts);
  const user = transport.isRoot ? (php.user ?? (owner === 'root' ? (valuesOf(described, 'web')[0] ?? 'nobody') : owner)) : server.user;
  const usualDocroot = /\/(?:public|web|htdocs|public_html|httpdocs|webroot|pub|www|html|docroot|p)$/.test(served);
  // The folder above is the application's unless it may hold several sites.
  const isBelow =
    usualDocroot && above.length > 0 && !/^\/(?:var|srv|home|var\/www|srv\/www|home\/[^/]+|root)$/.test(served.replace(/\/[^/]+$/, ''));
  const root = isBelow ? served.replace(/\/[^/]+$/, '') : served;
  const docroot = isBelow ? served.slice(root.length + 1) : '.';
  const items = await listSite(transport, user, root);
  const known = await recognizeApplication(items, (paths) => readSiteFiles(transport, user, root, paths));
  const texts = await readSiteFiles(transport, user, root, credentialPaths);
  const credentials = credentialsIn(texts);
  const place = { root, domain };
  const crontab = schedulesIn(await read(transport, sh`print_crontab ${user}`), `crontab of ${user}`, place);
  const systemCrontabs = [...server.texts].filter(([path]) => path.startsWith('/etc/cron'));
  const cronFiles = systemCrontabs.map(([path, text]) => schedulesIn(text, path, place, { user }));
  const modules = await read(transport, sh`php_modules ${php.version ?? ''}`);
  const { extensions, remarks: missing } = extensionsIn(modules.replace(/^#php.*$/m, ''));
  const version = php.version ?? valuesOf(modules, 'php')[0];
  const { database, remarks: ofDatabase } = await databaseOf(transport, credentials);
  const rules = blocks.flatMap(({ remarks }) => remarks);
  const names = [...new Set(blocks.flatMap((each) => each.names))];
  const environment = [...new Set([...php.environment, ...(vhost?.environment ?? [])])].filter(
    (name) => !/^(?:PATH|HOSTNAME|TMP|TMPDIR|TEMP|HOME|USER)$/.test(name),
  );
  const site: OldSite = {
    domain,
    title: server.title,
    ...(vhost && { vhost }),
    names,
    hasWww: await hasWww(domain, names),
    root,
    docroot,
    user,
    php: { ...php, ...(version && { version }) },
    extensions,
    ...(known && { known }),
    shared: sharedOf(known, docroot, items, credentials),
    leftBehind: ['.git', '.svn', '.hg', '/node_modules', '*.swp', ...(known ? sendingRules(known) : [])],
    items,
    cron: unique([...crontab.cron, ...cronFiles.flatMap(({ cron }) => cron)]),
    workers: workersIn(server.texts, place),
    ...(credentials && { credentials }),
    ...(database && { database }),
    remarks: [
      ...(transport.isRoot ? [] : [{ at: '', text: `${server.user} is not root there, so only files that this user may read were seen.` }]),
      ...(vhost
        ? []
        : [
            {
              at: '',
              text: `No web server's configuration names ${domain}; ${folder} is assumed to be its folder. No rules of the web server are imported.`,
            },
          ]),
      ...rules,
      ...php.remarks,
      ...missing,
      ...environment.map((name) => ({ at: '', text: `The web server or PHP-FPM sets ${name} for the application; add it to app.env.` })),
      ...crontab.remarks,
      ...cronFiles.flatMap(({ remarks }) => remarks),
      ...ofDatabase,
      ...itemRemarks(items),
    ],
  };
  return { site, user };
}

/** Returns false if the domain would get a `www.` name that it did not have. */
export async function hasWww(domain: string, names: readonly string[]): Promise<boolean> {
  if (names.length === 0 || !(await isApex(domain))) return true;
  return names.some((name) => name === `www.${domain}` || name === `*.${domain}` || name === `.${domain}`);
}

/** Returns the blocks for a domain, with or without `www.`. */
async function vhostsOf(domain: string, vhosts: readonly Vhost[]): Promise<readonly Vhost[]> {
  const bare = (await withoutWww(domain)) ?? domain;
  const isOwn = (name: string) => name === bare || name === `www.${bare}` || (name.startsWith('.') && name.slice(1) === bare);
  return vhosts.filter(({ names }) => names.some(isOwn));
}

/** Returns the domain of each site of a server. Names that are not domains, such as `_`, do not count. */
function domainsIn(vhosts: readonly Vhost[]): readonly string[] {
  const names = vhosts.flatMap((vhost) =>
    vhost.docroot && !vhost.redirects ? vhost.names.filter((name) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(name)).slice(0, 1) : [],
  );
  return [...new Set(names)];
}

function onlyDomain({ host }: Transport, vhosts: readonly Vhost[]): string {
  const domains = domainsIn(vhosts);
  const [only] = domains;
  if (only && domains.length === 1) return only;
  throw new Problem({
    message:
      domains.length === 0 ? `No web server's configuration on ${host} names a site.` : `${host} has several sites: ${domains.join(', ')}.`,
    hint: 'Name the site to import: --site example.com.',
    host,
  });
}

function requirePrograms({ host }: Transport, { missing }: ServerDescription): void {
  if (missing.length === 0) return;
  throw new Problem({
    message: `${host} lacks ${missing.join(', ')}, which copying a site needs.`,
    hint: 'This program installs nothing on an old server. Install them there, then run it again.',
    host,
  });
}

function notFound({ host }: Transport, domain: string, vhosts: readonly Vhost[]): Problem {
  const domains = domainsIn(vhosts);
  return new Problem({
    message: `No web server's configuration on ${host} names ${domain}${domains.length > 0 ? `; it has ${domains.join(', ')}` : ''}.`,
    hint: `Name one of its sites with --site, or the folder of this one: --root /var/www/${domain}.`,
    host,
  });
}

function noFolder({ host }: Transport, domain: string, folder: string): Problem {
  return new Problem({
    message: `The folder of ${domain} on ${host}, ${folder}, does not exist or cannot be entered.`,
    hint: 'Log in as root or as the user of the site, or name the folder with --root.',
    host,
  });
}

/**
 * Recognizes the application by the names of its files, and by the text of the few that tell frameworks apart. Only these few are fetched.
 */
export async function recognizeApplication(
  items: readonly Item[],
  fetch: (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<Known | undefined> {
  const paths = items.flatMap(({ path, type }) => (type === 'file' || type === 'link' ? [utf8(path)] : []));
  const all = new Set(paths);
  const texts = new Map<string, string>();
  for (let round = 0; ; round += 1) {
    const missing = new Set<string>();
    const text = (path: string) => {
      if (all.has(path) && !texts.has(path)) missing.add(path);
      return texts.get(path) ?? '';
    };
    const files: Files = { has: (path) => all.has(path), paths, text };
    const known = knownIn(files);
    if (missing.size === 0 || round === 4) return known;
    const fetched = await fetch([...missing]);
    for (const path of missing) texts.set(path, fetched.get(path) ?? '');
  }
}

/** Folders that usually hold what visitors upload, in an application that is not recognized. */
const usualUploads = /^(?:uploads?|files|media|userfiles|user_files|attachments|storage|data)$/;

/** Returns the paths that releases share: those of the framework or the usual ones, and files with settings that are not part of a release. */
export function sharedOf(
  known: Known | undefined,
  docroot: string,
  items: readonly Item[],
  credentials: CredentialFile | undefined,
): readonly string[] {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const usual = items.flatMap(({ path, type }) =>
    type === 'folder' &&
    (path.startsWith(prefix) ? path.slice(prefix.length) : path)
      .split('/')
      .every((part, index, { length }) => index === length - 1 && usualUploads.test(part))
      ? [utf8(path)]
      : [],
  );
  const folders = known ? pathsIn(known, known.needs.shared) : usual;
  const has = (path: string) => items.some((item) => item.path === path || item.path.startsWith(`${path}/`));
  const dotenv = ['.env', '.env.local', '.env.prod.local'].filter((path) => has(path) && !(path === '.env' && has('symfony.lock')));
  const settings = credentials && !credentials.takesExpressions && !credentials.path.startsWith('..') ? [credentials.path] : [];
  return [...new Set([...folders, ...dotenv, ...settings])].filter((path) => !folders.some((above) => path.startsWith(`${above}/`)));
}

function unique(cron: readonly OldSchedule[]): readonly OldSchedule[] {
  const taken = new Map<string, number>();
  return cron.map((each) => {
    const count = (taken.get(each.name) ?? 0) + 1;
    taken.set(each.name, count);
    return count === 1 ? each : { ...each, name: `${each.name}-${count}` };
  });
}

async function databaseOf(
  transport: Transport,
  file: CredentialFile | undefined,
): Promise<{ readonly database?: OldDatabase; readonly remarks: readonly Remark[] }> {
  if (!file) return { remarks: [] };
  const { credentials } = file;
  try {
    const rows = await query(
      transport,
      credentials,
      `SELECT VERSION(), (SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = DATABASE()), COUNT(*), COALESCE(SUM(data_length + index_length), 0), COALESCE(SUM(engine <> 'InnoDB'), 0) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE';`,
    );
    const [version = '', collation = '', tables = '0', size = '0', without = '0'] = rows[0] ?? [];
    const database = {
      name: credentials.name,
      version,
      collation,
      tables: Number(tables),
      size: Number(size),
      withoutTransactions: Number(without),
    };
    return {
      database,
      remarks:
        database.withoutTransactions === 0
          ? []
          : [
              {
                at: '',
                text: `Tables of ${credentials.name} without InnoDB: ${database.withoutTransactions}. They are copied one after another, so stop the old site before the last copy.`,
              },
            ],
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { remarks: [{ at: file.path, text: `${error.message} ${error.details.stderr ?? ''}`.trim() }] };
  }
}

export function itemRemarks(items: readonly Item[]): readonly Remark[] {
  const others = items.filter(({ type }) => type === 'other');
  const links = items.filter(({ type, target }) => type === 'link' && target.startsWith('/'));
  return [
    ...(others.length > 0
      ? [{ at: '', text: `Sockets, pipes and devices are not copied: ${others.length}, such as ${utf8(others[0]?.path ?? '')}.` }]
      : []),
    ...(links.length > 0
      ? [
          {
            at: '',
            text: `Links with absolute targets: ${links.length}, such as ${utf8(links[0]?.path ?? '')}. Those to files of the application are made relative.`,
          },
        ]
      : []),
  ];
}
