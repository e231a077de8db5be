import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { sh } from '../command/command.ts';
import { onDatabase, type SiteDatabase } from '../database/site-database.ts';
import { messageOf, Problem } from '../error.ts';
import { codeOf } from '../error-code.ts';
import type { Transport } from '../transport/transport.ts';
import { chosenSite } from './chosen-site.ts';
import type { Result } from './event.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { siteDatabase } from './site-database.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface TunnelRequest {
  readonly site?: string | undefined;
  /** The port on this machine. By default 3307, or a free port if 3307 is in use. */
  readonly port?: number | undefined;
}

/** The account that exists on the database server while the tunnel is open. */
interface Account {
  readonly name: string;
  readonly port: number;
  readonly password: string;
}

/**
 * Forwards a port on this machine's loopback address to the host's database server until the command is interrupted. Clients log in with a
 * temporary account that has full rights on the site's database only.
 */
export async function openTunnel({ site: named, port }: TunnelRequest, fleet: Fleet, context: Context): Promise<Result> {
  const session = onlyHostWith(fleet, 'database', 'A tunnel');
  const { transport } = session;
  const site = await chosenSite(session.config, named, 'A tunnel', context);
  const database = siteDatabase(session, site);
  const held = new PassThrough();
  const { account, ended } = await createAccount(database, held);
  const folder = await mkdtemp(join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), 'foobar-provision-'));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => forward(socket, transport, account.port, sockets));
  try {
    const file = join(folder, 'password');
    await writeFile(file, `${account.password}\n`, { mode: 0o600 });
    const listening = await listen(server, port);
    context.emit({
      event: 'tunnel',
      host: transport.host,
      tunnel: { address: '127.0.0.1', port: listening, user: account.name, database: database.name, passwordCommand: `cat ${file}` },
    });
    await Promise.race([ended, interruption(context.signal)]);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
    await rm(folder, { recursive: true, force: true });
    held.end();
    await ended.catch(() => {});
  }
  return totalOf([doneResult(transport.host, 0, 1)]);
}

/** Creates the account. The host removes it when its standard input ends, whether the tunnel was closed or the connection was lost. */
async function createAccount({ transport, name }: SiteDatabase, held: PassThrough) {
  let told: (line: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    told = resolve;
  });
  const script = onDatabase(sh`open_tunnel ${name} ${randomBytes(4).toString('hex')}`);
  const running = transport.run(script, { input: held, onLine: (line) => told(line), timeout: Number.MAX_SAFE_INTEGER });
  const ended = running.then(({ code, stderr }) => {
    if (code === 0) return;
    throw new Problem({
      message: `The account for the tunnel could not be created on the database server of ${transport.host}.`,
      hint: "The server's message is above.",
      host: transport.host,
      commandExit: code,
      stderr: stderr.trim(),
    });
  });
  ended.catch(() => {});
  const line = await Promise.race([first, ended]);
  const [word, user, port, password] = (line ?? '').split('\t');
  if (word !== 'account' || !user || !password)
    throw new Problem({
      message: `The database server of ${transport.host} did not create an account for the tunnel.`,
      host: transport.host,
    });
  const account: Account = { name: user, port: Number(port), password };
  return { account, ended };
}

function forward(socket: Socket, transport: Transport, port: number, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  transport.open({ port }).then(
    (stream) => {
      stream.on('error', () => socket.destroy());
      stream.on('close', () => socket.destroy());
      socket.on('close', () => stream.destroy());
      socket.pipe(stream).pipe(socket);
    },
    () => socket.destroy(),
  );
}

const usualPort = 3307;

/** Listens on the loopback address. If no port was given and the usual one is in use, listens on a free port. Resolves to the port. */
async function listen(server: Server, port: number | undefined): Promise<number> {
  const attempt = async (number: number) => {
    server.listen(number, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : number;
  };
  try {
    return await attempt(port ?? usualPort);
  } catch (cause) {
    if (port === undefined && codeOf(cause) === 'EADDRINUSE') return attempt(0);
    throw new Problem({
      message: `Port ${port ?? usualPort} of this machine cannot be used: ${messageOf(cause)}.`,
      hint: 'Choose another port with --local-port.',
      cause,
    });
  }
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
