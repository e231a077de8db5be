import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import ignore from 'ignore';
import { databaseSecret, userOf } from '../../playbooks/host/paths.ts';
import { countText, sizeText } from '../amount.ts';
import type { Site } from '../config/config.ts';
import { inventoryOf } from '../config-file/inventory.ts';
import { load } from '../config-file/load.ts';
import { exitCode, Problem } from '../error.ts';
import { backupOrigin } from '../import/backup/backup-site.ts';
import { openBackup } from '../import/backup/open-backup.ts';
import { type Copied, copyApplication, sizeOf } from '../import/copy-application.ts';
import { copyDatabase, requireOwnDatabase } from '../import/copy-database.ts';
import { copyShared, isBelow, isSetUp, type NewSite, sharedItems } from '../import/copy-shared.ts';
import { type Item, utf8 } from '../import/listing.ts';
import type { OldSite } from '../import/old-site.ts';
import type { Origin } from '../import/origin.ts';
import { placeholderFor } from '../import/placeholder.ts';
import { pointingText, requireNobodyThere, whereNamesPoint } from '../import/pointing.ts';
import { proposalOf } from '../import/proposal.ts';
import { type ImportRecord, readRecord, writeRecord } from '../import/record.ts';
import { serverOrigin } from '../import/server-origin.ts';
import type { Transport } from '../transport/transport.ts';
import { apply } from './apply.ts';
import { type Connect, connectAndSurvey } from './connect.ts';
import { copyProgress } from './copy-progress.ts';
import type { Emit, Result } from './event.ts';
import { type ResolvedConfig, resolveConfig, type UserInput } from './resolve-config.ts';
import { type Context, inSession } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface ImportRequest {
  /** The old server, or a backup on this machine. */
  readonly from: { readonly server: string } | { readonly backup: string };
  /** The site's domain; by default the only one that the old server has. */
  readonly domain: string | undefined;
  /** The site's folder on the old server, or in the backup. */
  readonly root: string | undefined;
  /** The new server, for a configuration that is written. */
  readonly server: string | undefined;
  /** The local folder for the application. By default it is named after the domain. */
  readonly app: string | undefined;
  /** The configuration file. It is written if it does not exist, and never overwritten. */
  readonly file: string;
  /** The environment whose overlay is merged over the file. */
  readonly environment?: string | undefined;
  /** Writes the configuration file. */
  readonly save: (text: string) => Promise<void>;
  /** True if everything was approved in advance. */
  readonly approved: boolean;
  /** True to copy again what has changed since a complete import. */
  readonly again: boolean;
  /** True to replace the new server's database even if visitors of the site go there already. */
  readonly allowDestroy: boolean;
}

/** A site that is imported, and the places on this machine that belong to it. */
interface Move {
  readonly origin: Origin;
  /** The local folder of the application. */
  readonly folder: string;
  /** The file that records what was copied. */
  readonly recordFile: string;
  readonly record: ImportRecord;
}

/**
 * Moves a site from an old server or a backup: reads it, writes a configuration, copies the application to this machine, and the shared
 * files and the database to the new server, where the site then goes live. Each part asks first. Changes nothing on the old server.
 */
export async function importSite(request: ImportRequest, connect: Connect, context: Context): Promise<Result> {
  const { from } = request;
  if ('backup' in from) {
    context.emit({ event: 'stage', text: `reading ${from.backup}` });
    return bring(await backupOrigin(await openBackup(from.backup), request, context.signal), request, connect, context);
  }
  const { transport } = await connect(from.server, { root: 'preferred', signal: context.signal });
  try {
    context.emit({ event: 'stage', host: transport.host, text: 'reading the site' });
    return await bring(await serverOrigin(transport, request), request, connect, context);
  } finally {
    await transport.close();
  }
}

async function bring(origin: Origin, request: ImportRequest, connect: Connect, context: Context): Promise<Result> {
  const { emit } = context;
  const { site, name } = origin;
  show(origin, emit);
  await propose(origin, request, emit);
  const user = (await load(() => import('../index.ts'), request.file, request.environment)).config;
  requireOneServer(user, request.file);
  const folder = folderOf(user, site, request);
  const nothing = totalOf([doneResult(name, 0, site.items.length)]);
  if (folder === undefined || !(await isAgreed(`Copy the application to ${relative('.', folder) || '.'}?`, request, context)))
    return nothing;
  const recordFile = `${folder}.import.json`;
  const record = await recordFor(folder, recordFile, request);
  const move: Move = { origin, folder, recordFile, record };
  await bringApplication(move, context);
  const { environment } = request;
  const input: UserInput = { user, file: request.file, overrides: environment === undefined ? {} : { environment } };
  if (!(user.server ?? user.servers)) {
    emit({
      event: 'note',
      text: `Next: name the new server in ${request.file}, then run the same command again. It copies the shared files and the database there.`,
    });
    return nothing;
  }
  const question = `Set up ${site.domain} on the new server, and copy its shared files and its database there?`;
  if (!(await isAgreed(question, request, context))) return nothing;
  return bringToServer(move, input, request, connect, context);
}

async function isAgreed(question: string, { approved }: ImportRequest, { confirm, emit }: Context): Promise<boolean> {
  if (approved) return true;
  if (confirm) return confirm(question);
  emit({ event: 'note', text: 'Nothing was copied. Look at the configuration, then run again with --yes to copy the site.' });
  return false;
}

/** Throws a Problem if the configuration names several servers: the database and the shared files would go to different ones. */
function requireOneServer(user: UserInput['user'], file: string): void {
  const hosts = inventoryOf(user);
  const [first] = hosts;
  if (!first || hosts.length === 1) return;
  throw new Problem({
    message: `So far a site is imported to one server, and ${file} names ${hosts.map(({ name }) => name).join(' and ')}.`,
    hint: `Import it to one (server: '${first.name}'), and then move the database: see docs/several-servers.md.`,
  });
}

/** Returns the local folder of the application, or undefined if the configuration fetches it from a repository. */
function folderOf(user: UserInput['user'], site: OldSite, { app, file }: ImportRequest): string | undefined {
  const own = user.sites?.find(({ domain }) => domain === site.domain) ?? user;
  const source = app ?? own.app?.source ?? `./${site.domain}`;
  return typeof source === 'string' && !/^[\w+.-]+:\/\/|^[\w.-]+@[\w.-]+:/.test(source)
    ? resolve(dirname(resolve(file)), source)
    : undefined;
}

/** Reads the record of earlier imports. Throws a Problem if the folder has files that no import has made, or if an import is complete. */
async function recordFor(folder: string, file: string, { again }: ImportRequest): Promise<ImportRecord> {
  const record = await readRecord(file);
  if (record?.isComplete && !again)
    throw new Problem({
      message: 'This site was imported already.',
      hint: 'Run again with --again to copy what has changed on the old server since. This replaces the database of the new server.',
    });
  if (record) return record;
  const names = existsSync(folder) ? await readdir(folder) : [];
  if (names.length > 0)
    throw new Problem({
      message: `${folder} has files that no import has made.`,
      hint: 'Name another folder for the application with --app, or move them away.',
    });
  return { application: {}, shared: {}, isComplete: false };
}

/** Returns the items of the site that are moved, without what development or a cache has left. */
function movedItems({ items, leftBehind }: OldSite): readonly Item[] {
  const rules = ignore().add([...leftBehind]);
  return items.filter(({ path, type }) => type !== 'other' && !rules.ignores(`${utf8(path)}${type === 'folder' ? '/' : ''}`));
}

async function bringApplication({ origin, folder, recordFile, record }: Move, { emit, signal }: Context): Promise<void> {
  const { site, files, name } = origin;
  const items = movedItems(site).filter(({ path }) => !isBelow(utf8(path), site.shared));
  // From here on, the folder belongs to an import, even if this one is interrupted.
  await writeRecord(recordFile, record);
  const copied = await copyApplication(files, site, { items, folder, record }, copyProgress(emit, name, 'copying the application'), signal);
  await writeRecord(recordFile, record);
  tell(emit, name, 'application', copied, folder);
}

async function bringToServer(move: Move, input: UserInput, request: ImportRequest, connect: Connect, context: Context): Promise<Result> {
  const { origin, record, recordFile } = move;
  const { site } = origin;
  const { emit, signal } = context;
  const resolved = await resolveConfig(input, emit);
  const own = siteIn(resolved, site, request);
  const [target] = resolved.targets;
  if (!target) throw new TypeError('a configuration with a server has a target');
  const { transport } = await connect(target.name, { signal });
  try {
    const to = newSiteOf(own, transport);
    if (!(await isSetUp(to))) {
      emit({
        event: 'note',
        host: transport.host,
        text: `${own.domain} is set up on ${transport.host} with a page that says that it is being moved. Its data is copied after that.`,
      });
      const first = await placeholderFor(input, own.domain, own.runtime.kind === 'static' ? 'index.html' : 'index.php');
      try {
        await live(await resolveConfig(first.input, emit), request, connect, context);
      } finally {
        await first.remove();
      }
      if (!(await isSetUp(to))) return totalOf([doneResult(transport.host, 0, 0)]);
    }
    await requireOwnDatabase(to, record);
    if (request.again) await lookAtNames(own, origin, transport, request, emit);
    const shared = sharedItems(movedItems(site), to.shared);
    const copied = await copyShared(
      origin.files,
      site,
      to,
      { items: shared, record },
      copyProgress(emit, transport.host, 'copying the shared files'),
      signal,
    );
    await writeRecord(recordFile, record);
    tell(emit, transport.host, 'shared files', copied, to.shared.join(', ') || 'none');
    if (to.database && origin.database) {
      record.database = 'begun';
      await writeRecord(recordFile, record);
      const { database } = origin;
      const onBytes = copyProgress(emit, transport.host, 'copying the database');
      const done = await copyDatabase(database, to, (bytes) => onBytes(bytes, database.size), signal);
      record.database = 'copied';
      for (const detail of done.remarks)
        emit({ event: 'check', host: transport.host, check: { name: 'database', state: 'warning', detail } });
      emit({
        event: 'check',
        host: transport.host,
        check: {
          name: 'database',
          state: 'ok',
          detail: `${countText(done.tables, 'table')} with ${countText(done.rows, 'row')}, ${sizeText(done.size)} as statements`,
        },
      });
    }
    await writeRecord(recordFile, record);
    const result = await live(resolved, request, connect, context);
    if (result.exitCode === exitCode.done && result.healthy !== undefined) {
      record.isComplete = true;
      await writeRecord(recordFile, record);
      emit({
        event: 'note',
        text: `${own.domain} is on ${transport.host}, beside the old one. ${switchOf(origin)}, and let the names point to ${transport.host}.`,
      });
    }
    return result;
  } finally {
    await transport.close();
  }
}

/** Says where the names of the site point before its database is replaced. */
async function lookAtNames(site: Site, origin: Origin, transport: Transport, { allowDestroy }: ImportRequest, emit: Emit): Promise<void> {
  const pointings = await whereNamesPoint(site.names, origin, transport);
  for (const pointing of pointings)
    emit({
      event: 'check',
      host: transport.host,
      check: { name: 'DNS', state: pointing.to === 'old' ? 'ok' : 'warning', detail: pointingText(pointing, origin.kind) },
    });
  if (!allowDestroy && origin.database) requireNobodyThere(pointings, transport, origin);
}

function switchOf({ kind, name }: Origin): string {
  return kind === 'server'
    ? `At the switch, stop what writes on ${name}, run the same command with --again`
    : 'At the switch, stop what writes on the old site, make a new backup, import it with --again';
}

function live(resolved: ResolvedConfig, { approved }: ImportRequest, connect: Connect, context: Context): Promise<Result> {
  return connectAndSurvey(resolved, connect, context).then((opened) => inSession(opened, (fleet) => apply({ approved }, fleet, context)));
}

function siteIn({ config }: ResolvedConfig, { domain }: OldSite, { file }: ImportRequest): Site {
  const own = config.sites.find((each) => each.domain === domain || each.names.includes(domain));
  if (own) return own;
  throw new Problem({
    message: `${file} has no site ${domain}.`,
    hint: `Add it there, or write a separate configuration: --config ${domain}.config.ts.`,
  });
}

function newSiteOf(site: Site, transport: Transport): NewSite {
  const { engine, name, user } = site.database;
  return {
    transport,
    domain: site.domain,
    user: userOf(site),
    shared: site.app.shared,
    ...(engine !== 'none' && { database: { name, user, secret: databaseSecret(site) } }),
  };
}

async function propose({ site, kind, name }: Origin, { server, app, file, save }: ImportRequest, emit: Emit): Promise<void> {
  const { text, remarks } = proposalOf(site, { server, app: app ?? `./${site.domain}`, from: { kind, name } });
  for (const detail of remarks) emit({ event: 'check', host: name, check: { name: 'left out', state: 'warning', detail } });
  if (existsSync(file)) {
    emit({ event: 'note', text: `${file} exists and stays as it is.` });
    return;
  }
  await save(text);
  emit({
    event: 'note',
    text: `The configuration for ${site.domain} is in ${file}, which is yours to edit.${kind === 'server' ? ` Nothing was changed on ${name}.` : ''}`,
  });
}

function show({ site, name }: Origin, emit: Emit): void {
  emit({ event: 'connected', host: name, title: site.title });
  for (const [check, detail] of factsOf(site)) emit({ event: 'check', host: name, check: { name: check, state: 'ok', detail } });
}

function factsOf(site: OldSite): readonly (readonly [string, string])[] {
  const { vhost, php, known, items, credentials, database, dump, user } = site;
  const files = items.filter(({ type }) => type === 'file');
  const shared = sizeOf(sharedItems(files, site.shared));
  const settings = Object.entries(php.settings).map(([name, value]) => `, ${name} = ${value}`);
  return [
    ...(vhost
      ? [['web server', `${vhost.server === 'nginx' ? 'Nginx' : 'Apache'}, ${vhost.at}, as ${site.names.join(', ')}`] as const]
      : []),
    ['application', `${known ? `${known.name} in ` : ''}${site.root}${site.docroot === '.' ? '' : `, of which ${site.docroot} is served`}`],
    [
      'files',
      `${countText(files.length, 'file')}, ${sizeText(sizeOf(files))}, of which ${sizeText(shared)} in ${site.shared.join(', ') || 'no shared folder'}${user === undefined ? '' : `; read as ${user}`}`,
    ],
    ...(php.version ? [['PHP', `${php.version}${settings.join('')}`] as const] : []),
    ...(credentials && database
      ? [
          [
            'database',
            `${database.name} of ${database.version}, ${countText(database.tables, 'table')}, ${sizeText(database.size)}, ${database.collation}; ${credentials.path} says how to reach it`,
          ] as const,
        ]
      : []),
    ...(dump
      ? [
          [
            'database',
            `${dump.path}, ${sizeText(dump.size)}${credentials ? `; ${credentials.path} names ${credentials.credentials.name}` : ''}`,
          ] as const,
        ]
      : []),
    ...(site.cron.length > 0 ? [['cron', countText(site.cron.length, 'scheduled command')] as const] : []),
    ...(site.workers.length > 0 ? [['workers', site.workers.map(({ name }) => name).join(', ')] as const] : []),
  ];
}

function tell(emit: Emit, host: string, name: string, { files, size, removed, remarks }: Copied, where: string): void {
  for (const detail of remarks) emit({ event: 'check', host, check: { name, state: 'warning', detail } });
  const detail = `${countText(files, 'file')} copied, ${sizeText(size)}${removed > 0 ? `, ${removed} removed` : ''}; ${where}`;
  emit({ event: 'check', host, check: { name, state: 'ok', detail } });
}
