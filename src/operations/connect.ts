import type { InventoryHost } from '../config/inventory.ts';
import { isReadAtOnce } from '../config-file/complete.ts';
import { Problem } from '../error.ts';
import type { Connected, ConnectOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import { onEveryHost } from './on-every-host.ts';
import type { ReadAhead } from './read-ahead.ts';
import { type ResolvedConfig, resolveConfig, targetsOf, type UserInput } from './resolve-config.ts';
import { type Context, closeAll, type Fleet, type HostSession } from './session.ts';
import { scriptFor, sessionOf } from './survey-host.ts';
import { withPeers } from './with-peers.ts';

/** Connects to a server and becomes root there. The caller decides how to log in and who answers questions. */
export type Connect = (
  server: string,
  options?: Pick<ConnectOptions, 'first' | 'onMilestone' | 'root' | 'signal' | 'direct'>,
) => Promise<Connected>;

/** Connects to the hosts that a command works on and surveys them. With `ahead`, they are also read for the plan. */
export async function connectAndSurvey(resolved: ResolvedConfig, connect: Connect, context: Context, ahead?: ReadAhead): Promise<Fleet> {
  const { config, playbooks, targets } = resolved;
  if (targets.length === 0) {
    throw new Problem({
      message: 'No server was named.',
      hint: 'Name it on the command line (foobar-provision user@host), or as `server` in foobar.config.ts; foobar-provision init writes one.',
    });
  }
  if (playbooks.length > 0) (await import('../https/decide.ts')).anticipate(config);
  return openAll(targets, context, async (host, hostContext) => {
    const connected = await connect(host.name, { first: scriptFor(host, resolved), signal: hostContext.signal });
    return sessionOf(host, resolved, connected, hostContext, ahead);
  });
}

/** What an operation does with a host while it is surveyed. */
interface Meanwhile {
  readonly ahead?: ReadAhead;
  /** It is not called if the application's files are built or fetched first. */
  readonly onConnected?: (resolved: ResolvedConfig, host: InventoryHost, transport: Transport) => void;
}

/**
 * Connects to the hosts while the application's files are read, or afterwards if they are built or fetched first. Problems with the
 * configuration or the files are reported before those with a host.
 */
export async function connectWhileResolving(
  input: UserInput,
  connect: Connect,
  context: Context,
  meanwhile: Meanwhile = {},
): Promise<Fleet> {
  const targets = targetsOf(input);
  if (targets.length === 0 || !isReadAtOnce(input.user, input.overrides))
    return connectAndSurvey(await resolveConfig(input, context.emit), connect, context, meanwhile.ahead);
  // The code that connects is loaded before this process is busy with the files, so that the hosts can work in the meantime.
  const resolving = import('../transport/route.ts')
    .then(({ loadProbableLibrary }) => loadProbableLibrary())
    .then(() => resolveConfig(input, context.emit));
  return openAll(targets, context, (host, hostContext) => openWhile(resolving, host, connect, hostContext, meanwhile));
}

async function openWhile(
  resolving: Promise<ResolvedConfig>,
  host: InventoryHost,
  connect: Connect,
  context: Context,
  { ahead, onConnected }: Meanwhile,
): Promise<HostSession> {
  const needless = new AbortController();
  const first = resolving.then((resolved) => scriptFor(host, resolved));
  const connecting = connect(host.name, { first, signal: AbortSignal.any([context.signal, needless.signal]) });
  for (const each of [first, connecting]) each.catch(() => {});
  const resolved = await resolving.catch(async (error: unknown) => {
    needless.abort();
    await connecting.then(
      ({ transport }) => transport.close(),
      () => {},
    );
    throw error;
  });
  (await import('../https/decide.ts')).anticipate(resolved.config);
  const connected = await connecting;
  try {
    onConnected?.(resolved, host, connected.transport);
  } catch (error) {
    // An open connection would keep this process alive.
    connected.first.catch(() => {});
    await connected.transport.close();
    throw error;
  }
  return sessionOf(host, resolved, connected, context, ahead);
}

/** Opens a session on every host and tells each about the others. If one cannot be opened, all are closed. */
async function openAll(
  targets: readonly InventoryHost[],
  context: Context,
  open: (host: InventoryHost, context: Context) => Promise<HostSession>,
): Promise<Fleet> {
  const opened: HostSession[] = [];
  const fleet = await onEveryHost(targets, context, async (host, hostContext) => {
    const session = await open(host, hostContext);
    opened.push(session);
    return session;
  }).catch(async (error: unknown) => {
    await closeAll(opened);
    throw error;
  });
  return withPeers(fleet);
}
