import { lines, sh } from '../command/command.ts';
import { reveal, type Secret } from '../command/secret.ts';
import type { Site } from '../config/config.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { Problem } from '../error.ts';
import { stateFolder, storedFolder } from '../host-paths.ts';
import { deploymentOf } from '../release/deploy-plan.ts';
import { waitForActiveRun } from './active-run.ts';
import { chosenSite } from './chosen-site.ts';
import { deploy } from './deploy.ts';
import type { Result } from './event.ts';
import { makePlan } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { hostsWith } from './only-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';
import { resurvey } from './survey-host.ts';

export interface EnvRequest {
  readonly site?: string | undefined;
  readonly change: EnvChange;
}

export type EnvChange =
  | { readonly kind: 'list' }
  | { readonly kind: 'set'; readonly name: string; readonly value: Secret }
  | { readonly kind: 'unset'; readonly name: string };

/**
 * Lists, stores or removes variables of a site on the hosts. If the application is otherwise unchanged, a new instance with the variables takes
 * over without losing a request; otherwise the change goes live with the next deploy or run.
 */
export async function env({ site: named, change }: EnvRequest, all: Fleet, context: Context): Promise<Result> {
  const opened = hostsWith(all, 'web', 'A variable');
  const [first] = opened;
  if (!first) throw new RangeError('an operation works on a host');
  const site = await chosenSite(first.config, named, 'A variable', context);
  if (change.kind === 'list') return totalOf(await onEveryHost(opened, context, async (session, own) => list(session, site, own)));
  requireName(change.name);
  const fleet = await onEveryHost(opened, context, waitForActiveRun);
  const changed = await onEveryHost(fleet, context, (session, own) => store(session, site, change, own));
  if (!changed.some(({ isNew }) => isNew)) return totalOf(changed.map(({ session }) => doneResult(session.transport.host, 0, 1)));
  return takeOver(
    changed.map(({ session }) => session),
    site,
    change.name,
    context,
  );
}

function list({ transport, survey }: HostSession, { domain, app }: Site, { emit }: Context) {
  const stored = survey.facts.stored?.[domain]?.names ?? [];
  const configured = [...Object.keys(app.env), ...app.keys].filter((name) => !stored.includes(name));
  const variables = [
    ...stored.map((name) => ({ name, from: 'stored on the host' as const })),
    ...configured.map((name) => ({ name, from: 'in the configuration' as const })),
  ].toSorted((one, other) => one.name.localeCompare(other.name));
  emit({ event: 'variables', host: transport.host, site: domain, variables });
  return doneResult(transport.host, 0, variables.length);
}

const library = bundledLibrary('env/env.sh', bundledLibrary('run/durable.sh'));

/** Stores or removes the variable on the host. `isNew` is true if this changed the stored variables. */
async function store(
  session: HostSession,
  { domain }: Site,
  change: Exclude<EnvChange, { kind: 'list' }>,
  { emit }: Context,
): Promise<{ readonly session: HostSession; readonly isNew: boolean }> {
  const { transport, survey } = session;
  const { host } = transport;
  const { name } = change;
  const before = survey.facts.stored?.[domain];
  if (change.kind === 'unset' && !before?.names.includes(name)) {
    const stored = before ? `These are: ${before.names.join(', ')}.` : 'None is.';
    throw new Problem({ message: `${name} is not stored for ${domain} on ${host}.`, hint: stored, host });
  }
  const folder = storedFolder(domain);
  const value = change.kind === 'set' ? Buffer.from(reveal(change.value)) : Buffer.of();
  const output = await transport.run(
    lines(
      sh`STATE=${stateFolder}`,
      definitionsOf([library]),
      change.kind === 'set' ? sh`store_variable ${folder} ${name} ${String(value.length)}` : sh`remove_variable ${folder} ${name}`,
    ),
    { input: Buffer.concat([value, Buffer.from(change.kind === 'set' ? `${lineOf(name, change.value)}\n` : '')]), timeout: 60 },
  );
  if (output.code !== 0)
    throw new Problem({
      message: `${name} could not be ${change.kind === 'set' ? 'stored' : 'removed'} on ${host}.`,
      hint: 'Fix the error that the host reports, then run this command again.',
      host,
      stderr: output.stderr.trim(),
    });
  const now = await resurvey(session);
  const isNew = now.survey.facts.stored?.[domain]?.version !== before?.version;
  if (!isNew) emit({ event: 'note', host, text: `${name} has this value already.` });
  return { session: now, isNew };
}

/** Returns a variable in systemd's notation for environment files (systemd.exec(5)), in which only these characters need a backslash. */
export function lineOf(name: string, value: Secret): string {
  return `${name}="${reveal(value).replaceAll(/["\\`$]/g, '\\$&')}"`;
}

/**
 * Starts new instances with the variables. If the site is not provisioned yet, or a release or migrations are pending too, only reports that the
 * change goes live with the next run or deploy.
 */
async function takeOver(fleet: Fleet, site: Site, name: string, context: Context): Promise<Result> {
  const plans = await onEveryHost(fleet, context, async (session, own) => {
    const quiet = { ...own, emit: (event: Parameters<Context['emit']>[0]) => (event.event === 'stage' ? own.emit(event) : undefined) };
    const plan = session.survey.remembered.manifest && (await makePlan(session, { site: site.domain }, quiet, 'the application'));
    return plan && deploymentOf(plan, session.playbooks, session.survey.remembered).plan;
  });
  const isMore = plans.some((plan) => plan?.changes.some(({ resource }) => resource.kind === 'release' || resource.kind === 'migrations'));
  const isProvisioned = plans.every((plan) => plan !== undefined);
  if (isProvisioned && !isMore) return deploy({ site: site.domain }, await onEveryHost(fleet, context, resurvey), context);
  const why = isProvisioned ? 'The application here differs from the live release, so' : 'The site is not provisioned yet, so';
  for (const { transport } of fleet)
    context.emit({
      event: 'note',
      host: transport.host,
      text: `${why} the change of ${name} goes live with the next ${isProvisioned ? 'deploy or full run' : 'run'}.`,
    });
  return totalOf(fleet.map(({ transport }) => doneResult(transport.host, 1, 1)));
}

/** Names that the service manager, the dynamic linker, PHP's master process or this program uses. */
const reserved = /^(?:SOCKET|PORT|APP_RELEASE|PHP_INI_SCAN_DIR|LD_.*|FOOBAR_.*|LISTEN_.*|NOTIFY_SOCKET)$/;

function requireName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new Problem({
      message: `"${name}" is not a valid name for a variable.`,
      hint: 'Use letters, digits and underscores, such as API_KEY.',
    });
  if (reserved.test(name)) throw new Problem({ message: `${name} cannot be stored: ${whyReserved(name)}.`, hint: 'Choose another name.' });
}

function whyReserved(name: string): string {
  if (name.startsWith('LD_')) return 'the dynamic linker reads it, before any program of the application starts';
  if (name.startsWith('LISTEN_') || name === 'NOTIFY_SOCKET') return 'systemd sets it';
  return name === 'PHP_INI_SCAN_DIR' ? "PHP's master process reads it" : 'foobar-provision sets it';
}
