import { stat } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { type Command, sh } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { forward, isProhibited, type Trips } from './channel.ts';
import { poolLinks } from './connections.ts';
import { interrupted } from './interrupted.ts';
import type { Ask, Connected, ConnectOptions } from './options.ts';
import { openRoute, type Route } from './route.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { runScript } from './run-script.ts';
import { defaultTimeoutSeconds, openSession, type Session } from './session.ts';
import { relay } from './socket-relay.ts';
import type { Target } from './target.ts';
import type { Endpoint, Transport } from './transport.ts';

export type { Connected, ConnectOptions } from './options.ts';

/** Begins to connect to a host: dials (through ssh_config's jump hosts), checks the host's key and logs in. Rejects like `connect`. */
export function approach(target: Target, options: ConnectOptions): Promise<Route> {
  const route = requireIdentity(options.identity).then(() => openRoute(withPort(target, options), options));
  route.catch(() => {});
  return route;
}

/**
 * Connects to a host over SSH, or waits for `begun`, and becomes root there: starts the root shell together with `first`. Rejects with a
 * `Problem`: exit 1 before dialing (the key file does not exist), exit 4 if the host cannot be reached or refuses the login.
 */
export async function connect(named: Target, options: ConnectOptions, begun?: Promise<Route>): Promise<Connected> {
  const target = withPort(named, options);
  const answers = remembering(options.ask);
  const route = begun ?? approach(target, { ...options, ask: answers.first });
  const { link, address, close: closeFirst } = await unlessAborted(route, options.signal, target);
  // Later logins repeat the answers of the first one. They ask a person only if there was no first one, because ssh had a connection open.
  // They prove that a login works, so they do not use such a connection.
  const ask = link.isShared ? answers.orAsk : answers.again;
  const later: ConnectOptions = { ...options, ask, first: undefined, onMilestone: undefined, direct: true };
  const links = poolLinks(link, () => openRoute(target, later));
  const close = async () => {
    await Promise.all([links.close(), closeFirst()]);
  };
  const trips: Trips = { count: 0 };
  const password = async () => options.sudoPassword?.();
  const session = await start();
  const { access } = session;
  const sudoPassword = access.kind === 'granted' ? access.password : undefined;
  options.onMilestone?.({
    reached: 'root',
    host: target.text,
    detail: sudoPassword
      ? 'by sudo, with its password'
      : { root: 'by the login itself', sudo: 'by sudo', user: 'not needed', granted: 'by sudo' }[access.kind],
  });
  // Later sessions reuse the sudo password.
  const known = async () => sudoPassword;
  let current = Promise.resolve(session);

  /** Returns the session, or a new one if a script that timed out has ended it. */
  function live(): Promise<Session> {
    current = current.then(
      (last) => (last.over() && link.alive() ? openSession(links, undefined, known, trips, options.root) : last),
      () => openSession(links, undefined, known, trips, options.root),
    );
    return current;
  }

  async function start(): Promise<Session> {
    const interrupt = () => link.destroy();
    options.signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await openSession(links, await options.first, password, trips, options.root);
    } catch (error) {
      await close();
      throw options.signal?.aborted ? interrupted(target.text) : error;
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
    }
  }

  const script = async (command: Command, seconds: number) => (await live()).script(command, seconds);
  const stop = (group: string) => void script(sh`kill -s TERM -- ${`-${group}`}`, defaultTimeoutSeconds).catch(() => undefined);

  // A hardened sshd forwards nothing; then a process on the host relays the stream.
  let forwards = true;
  async function stream(endpoint: Endpoint): Promise<Duplex> {
    const relayed = () => relay({ links, access, stop }, endpoint);
    if (!forwards || ('socket' in endpoint && access.kind !== 'root')) return relayed();
    return forward(link, endpoint).catch((error: unknown) => {
      if (!link.alive() || !(error instanceof Problem)) throw error;
      // For a socket, sshd's error is always the same, even when its own settings forbid it. The relay reports the cause.
      if ('socket' in endpoint) return relayed();
      if (!isProhibited(error.cause)) throw error;
      forwards = false;
      return relayed();
    });
  }

  const transport: Transport = {
    host: target.text,
    address,
    get roundTrips() {
      return trips.count;
    },
    script: (command, { timeout = defaultTimeoutSeconds } = {}) => script(command, timeout),
    login: link.login,
    isRoot: access.kind !== 'user',
    get restrictions() {
      return { fewSessions: links.limited, noForwarding: !forwards };
    },
    again: async (signal) => (await connect(target, { ...later, sudoPassword: known, signal })).transport,
    run: (command, runOptions = {}) => runScript({ links, access, trips, stop }, command, runOptions),
    inTerminal: (command, terminal) => runInTerminal({ links, access, trips }, command, terminal),
    open: (endpoint) => stream(endpoint),
    close,
  };
  return { transport, first: session.firstOutput };
}

function withPort(target: Target, { port }: ConnectOptions): Target {
  return target.port === undefined && port !== undefined ? { ...target, port } : target;
}

/** Rejects when the signal aborts, and closes the route then, because the route itself may have another signal. */
async function unlessAborted(route: Promise<Route>, signal: AbortSignal | undefined, { text }: Target): Promise<Route> {
  let interrupt = () => {};
  const aborted = new Promise<never>((_, reject) => {
    interrupt = () => {
      route.then(({ close }) => close()).catch(() => {});
      reject(interrupted(text));
    };
  });
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await Promise.race([route, aborted]);
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

/** Remembers a person's answers for later logins of the same session. The last answer to each question was the right one. */
function remembering(ask: Ask | undefined): { readonly first?: Ask; readonly again?: Ask; readonly orAsk?: Ask } {
  if (!ask) return {};
  const answers = new Map<string, Secret | undefined>();
  const first: Ask = async (prompt, echo) => {
    const answer = await ask(prompt, echo);
    answers.set(prompt.replace(/^Wrong passphrase\. /, ''), answer);
    return answer;
  };
  return {
    first,
    again: async (prompt) => answers.get(prompt),
    orAsk: async (prompt, echo) => answers.get(prompt) ?? first(prompt, echo),
  };
}

async function requireIdentity(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const code = await stat(path).then(
    () => undefined,
    (error: unknown) => error instanceof Error && 'code' in error && error.code,
  );
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return;
  throw new Problem({
    message: `The key file ${path} does not exist.`,
    hint: 'Check --identity. To create a new key: ssh-keygen -t ed25519',
  });
}
