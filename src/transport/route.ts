import { exitCode, messageOf, Problem } from '../error.ts';
import type { Link } from './connection.ts';
import { type Dialed, dial } from './dial.ts';
import { keptConnection } from './kept-connection.ts';
import type { ConnectOptions } from './options.ts';
import { hasRememberedLogins, rememberLogin } from './remembered-login.ts';
import { type HostSettings, resolveSettings } from './ssh-config.ts';
import { parseTarget, type Target } from './target.ts';

/** No real chain of jump hosts is longer; a longer one is a loop. */
const maxJumps = 8;

/** A connection, with the connections to the jump hosts before it. */
export interface Route {
  readonly link: Link;
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Loads the SSH library, for example while the user's own ssh reads its configuration. If ssh has kept connections open before, it is left
 * until one is needed, because such a connection does not need it, and loading takes a tenth of a second.
 */
export async function loadProbableLibrary(): Promise<void> {
  if (!(await hasRememberedLogins())) await import('./login.ts');
}

/** Connects to a target through the jump hosts that ssh_config names, each with its own settings, host key and login. */
export async function openRoute(target: Target, options: ConnectOptions): Promise<Route> {
  const [hops] = await Promise.all([plan(target, options), loadProbableLibrary()]);
  const destination = hops.at(-1);
  const kept = destination && (await keptConnection(destination, options));
  if (kept) {
    options.onMilestone?.({ reached: 'connection', host: target.text, detail: `${kept.address}, by a connection that ssh keeps open` });
    return { ...kept, close: kept.link.close };
  }
  const { openLink } = await import('./login.ts');
  const links: Link[] = [];
  const close = async () => {
    for (const link of links.toReversed()) await link.close();
  };
  let address = '';
  try {
    for (const settings of hops) {
      const previous = links.at(-1);
      const dialed: Dialed = previous === undefined ? await dial(settings, options.signal) : await through(previous, settings);
      address = dialed.address;
      options.onMilestone?.({ reached: 'connection', host: settings.name, detail: `${address} port ${settings.port}` });
      links.push(await openLink(settings, dialed.stream, settings === hops.at(-1) ? options : { ...options, identity: undefined }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const link = links.at(-1);
  if (link === undefined) throw new TypeError('a route has at least its target');
  if (link.settings.controlPath !== undefined) await rememberLogin(link.settings, link.login);
  return { link, address, close };
}

/**
 * Returns the hosts in the order of connecting. As in OpenSSH, the ProxyJump of the first jump host applies, and that of later ones does
 * not.
 */
async function plan(target: Target, options: ConnectOptions, depth = 0): Promise<readonly HostSettings[]> {
  if (depth > maxJumps) {
    throw new Problem({
      message: `The jump hosts of ${target.text} form a loop.`,
      hint: 'Look at ProxyJump in your ssh_config.',
      host: target.text,
    });
  }
  const settings = await resolveSettings(target, options.sshConfig);
  const [first, ...rest] = settings.proxyJump.map((jump) => parseTarget(jump.replace(/^ssh:\/\//, '')));
  if (first === undefined) return [settings];
  const start = await plan(first, options, depth + 1);
  const others = await Promise.all(rest.map((jump) => resolveSettings(jump, options.sshConfig)));
  return [...start, ...others, settings];
}

async function through(jump: Link, { hostname, port, name }: HostSettings): Promise<Dialed> {
  try {
    return { stream: await jump.forward({ host: hostname, port }), address: hostname };
  } catch (cause) {
    const reason = messageOf(cause);
    throw new Problem({
      message: `The jump host ${jump.settings.name} cannot reach ${hostname} port ${port} (${reason}).`,
      hint: 'Check the address as the jump host sees it, and that its sshd has AllowTcpForwarding on.',
      exit: exitCode.unreachable,
      host: name,
      cause,
    });
  }
}
