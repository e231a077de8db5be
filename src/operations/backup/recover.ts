import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asSent } from '../../backups/application.ts';
import type { Snapshot } from '../../backups/snapshots.ts';
import { unpackInto } from '../../backups/unpack.ts';
import { addressOf, type Repository } from '../../config/backups.ts';
import { validate } from '../../config-file/validate.ts';
import { Problem } from '../../error.ts';
import { placeholderFor } from '../../import/placeholder.ts';
import { apply } from '../apply.ts';
import { type Connect, connectAndSurvey } from '../connect.ts';
import type { Result } from '../event.ts';
import { resolveConfig, type UserInput } from '../resolve-config.ts';
import { type Context, inSession } from '../session.ts';
import { doneResult, totalOf } from '../summarize.ts';
import { runJob } from './job.ts';
import { parseStoredConfig, recoveredConfig, type StoredConfig, secretsIn, storedSites } from './recovered-config.ts';
import { Recovery, recoveryName } from './recovery.ts';
import { prepareSftp, type RepositoryAccess, secretsFor, stateOf, storeSecrets } from './repository.ts';

export interface RecoverRequest extends RepositoryAccess {
  /** The new host. */
  readonly server: string;
  readonly from: Repository;
  /** The id of the backup to restore, if the configuration has one site. By default, the last backup of each site. */
  readonly id?: string | undefined;
  /** A site of the configuration to restore, if the repository has several configurations. */
  readonly site?: string | undefined;
  /** The folder on this machine for the applications, and the name of the configuration file in it. */
  readonly folder: string;
  readonly file: string;
  /** Writes the configuration file, and fails if it exists. */
  readonly save: (text: string) => Promise<void>;
  /** True if the restore was approved in advance. */
  readonly approved: boolean;
}

/** The backups to restore, by the domains of the sites. */
type Chosen = ReadonlyMap<string, Snapshot>;

/**
 * Restores sites on a new host from the address and the secrets of their repository alone. Writes their configuration and their applications to this
 * machine, sets the host up with them, and restores their data.
 */
export async function recover(request: RecoverRequest, connect: Connect, context: Context): Promise<Result> {
  const { server, from, file } = request;
  const { emit, signal } = context;
  const { transport } = await connect(server, { signal });
  const { host } = transport;
  const recovery = new Recovery(transport, from, signal);
  const fetched = await (async () => {
    try {
      emit({ event: 'stage', host, text: 'reading the repository' });
      await recovery.install();
      await storeSecrets({ transport, name: recoveryName }, await allSecrets(request, host));
      if (from.kind === 'sftp') {
        const place = { transport, name: recoveryName };
        await prepareSftp(place, from, await stateOf(place), request, context);
      }
      return await fetchSites(recovery, request, host, context);
    } finally {
      await recovery.forget();
      await transport.close();
    }
  })();
  if (!fetched) return totalOf([doneResult(host, 0, 0)]);
  emit({
    event: 'note',
    text: `The configuration is in ${file}, and it contains the passwords that it had: keep it private. If this command is interrupted from here on, continue with: foobar-provision ${server}, then foobar-provision backup ${server} restore.`,
  });
  return restoreSites(fetched, connect, context);
}

async function allSecrets({ secrets, ...request }: RecoverRequest, host: string) {
  const passphrase = secrets.passphrase ?? (await request.ask?.(`Passphrase of ${addressOf(request.from)}`));
  if (!passphrase)
    throw new Problem({
      message: `The passphrase of ${addressOf(request.from)} is missing.`,
      host,
      hint: "Pass it on standard input: printf 'passphrase=…\\n' | foobar-provision backup TARGET restore --from ADDRESS --secrets-stdin",
    });
  return secretsFor(request.from, new Map(), { ...request, secrets: { ...secrets, passphrase } }, host);
}

interface Fetched {
  readonly input: UserInput;
  readonly chosen: Chosen;
}

/** Writes the configuration and the applications of the backups to this machine, and the secrets to the host. Resolves to undefined if the user declines. */
async function fetchSites(recovery: Recovery, request: RecoverRequest, host: string, context: Context): Promise<Fetched | undefined> {
  const { emit } = context;
  const snapshots = await recovery.list();
  const first = firstOf(snapshots, request, host);
  const { name } = first;
  if (await recovery.isSetUp(name))
    throw new Problem({
      message: `${host} already has ${name} and its backups.`,
      host,
      hint: `Restore them with: foobar-provision backup ${request.server} restore`,
    });
  const stored = parseStoredConfig(await recovery.print(first.id, 'about/configuration.json'), first.id);
  const chosen = chosenFor(stored, snapshots, request, first);
  for (const { domain } of storedSites(stored))
    if (!chosen.has(domain)) emit({ event: 'note', host, text: `${domain} has no backup, so it is left out.` });
  const list = [...chosen.values()].map(({ site, id, at }) => `${site} (backup ${id} of ${at.toISOString().slice(0, 16)}Z)`).join(', ');
  if (!request.approved && !(await context.confirm?.(`Set up ${host}, and restore ${list} there?`)))
    throw new Problem({
      message: 'Nothing was restored.',
      host,
      hint: context.confirm ? 'You did not confirm the restore.' : `It would restore ${list}. Add --yes to confirm.`,
    });
  const values = new Map<string, string>();
  for (const { domain, site } of storedSites(stored)) {
    const snapshot = chosen.get(domain);
    if (!snapshot) continue;
    for (const secret of secretsIn(site))
      values.set(secret, (await recovery.print(snapshot.id, `about/secrets/${secret}`)).replace(/\n$/, ''));
  }
  const folderOf = (domain: string) => (chosen.has(domain) ? `./${domain}` : undefined);
  const recovered = recoveredConfig(stored, values, folderOf, addressOf(request.from));
  const user = validate(recovered, request.file);
  await request.save(`${JSON.stringify(recovered, null, 2)}\n`);
  if (stored.hasPlaybooks)
    emit({ event: 'note', text: 'The configuration had playbooks, which are code and not in a backup. Add them to it again.' });
  for (const { site, id } of chosen.values()) {
    emit({ event: 'stage', host, text: `receiving the application of ${site}` });
    await fetchApplication(recovery, id, join(request.folder, site));
    await recovery.recoverSecrets(id, name, site);
  }
  await recovery.adopt(name);
  return { input: { user, file: request.file, overrides: { server: request.server } }, chosen };
}

async function fetchApplication(recovery: Recovery, id: string, folder: string): Promise<void> {
  const record = await mkdtemp(`${folder}.record-`);
  try {
    await unpackInto(join(record, 'about'), async (output) => void (await recovery.print(id, 'about/record', { output })), 3);
    await unpackInto(join(record, 'release'), async (output) => void (await recovery.print(id, 'release', { output })), 2);
    await asSent(join(record, 'release'), join(record, 'about'));
    await rename(join(record, 'release'), folder);
  } finally {
    await rm(record, { recursive: true, force: true });
  }
}

/** Returns the backup whose configuration is restored. */
function firstOf(snapshots: readonly Snapshot[], { id, site, from }: RecoverRequest, host: string): Snapshot & { readonly name: string } {
  const names = new Set(snapshots.map(({ name }) => name));
  const fitting = snapshots.filter(
    (each) => (id === undefined || each.id.startsWith(id) || id.startsWith(each.id)) && (site ?? each.site) === each.site,
  );
  const [first] = fitting;
  if (first?.name === undefined)
    throw new Problem({
      message: `${addressOf(from)} has no such backup.`,
      host,
      hint:
        snapshots.length === 0
          ? 'It has no backups at all.'
          : `It has backups of ${[...new Set(snapshots.map((each) => each.site))].join(', ')}.`,
    });
  if (id === undefined && site === undefined && names.size > 1)
    throw new Problem({
      message: `${addressOf(from)} has backups of several configurations: ${[...names].join(', ')}.`,
      host,
      hint: 'Name a site of one of them with --site DOMAIN.',
    });
  return { ...first, name: first.name };
}

/** Returns the last backup of each site, or the one that was named. */
function chosenFor(stored: StoredConfig, snapshots: readonly Snapshot[], { id }: RecoverRequest, first: Snapshot): Chosen {
  const domains = storedSites(stored).map(({ domain }) => domain);
  if (id !== undefined && domains.length > 1)
    throw new Problem({
      message: `The backup ${id} is of one of several sites: ${domains.join(', ')}.`,
      hint: 'Leave the id out to restore the last backup of each, then restore this one with: foobar-provision backup restore ID --site DOMAIN',
    });
  return new Map(
    domains.flatMap((domain) => {
      const last = id === undefined ? snapshots.find(({ site, name }) => site === domain && name === first.name) : first;
      return last ? [[domain, last]] : [];
    }),
  );
}

/**
 * Sets the host up with a page instead of each application, which may need its data to work, restores the data, and then makes the applications live.
 */
async function restoreSites({ input, chosen }: Fetched, connect: Connect, context: Context): Promise<Result> {
  const whole = await resolveConfig(input, context.emit);
  const open = (resolved: typeof whole) => connectAndSurvey(resolved, connect, context);
  let empty = input;
  const folders: (() => Promise<void>)[] = [];
  try {
    for (const { domain, runtime } of whole.config.sites) {
      const page = await placeholderFor(empty, domain, runtime.kind === 'static' ? 'index.html' : 'index.php');
      empty = page.input;
      folders.push(page.remove);
    }
    const first = await inSession(await open(await resolveConfig(empty, context.emit)), (fleet) =>
      apply({ approved: true }, fleet, context),
    );
    if (first.exitCode !== 0) return first;
  } finally {
    await Promise.all(folders.map((remove) => remove()));
  }
  const fleet = await open(whole);
  return inSession(fleet, async ([session]) => {
    if (!session) throw new RangeError('a configuration with a server has a host');
    for (const [domain, { id }] of chosen) await runJob(session, ['restore', domain, id], `The restore of ${domain}`, context);
  }).then(async () => inSession(await open(whole), (again) => apply({ approved: true }, again, context)));
}
