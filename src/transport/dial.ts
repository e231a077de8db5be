import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { exitCode, Problem } from '../error.ts';
import { printable } from '../printable.ts';
import { interrupted } from './interrupted.ts';
import type { HostSettings } from './ssh-config.ts';
import { expandTokens } from './ssh-path.ts';

/** An open stream to a host's SSH server. */
export interface Dialed {
  readonly stream: Duplex;
  /** The address at the other end. */
  readonly address: string;
}

/** Opens the stream: through ssh_config's ProxyCommand if there is one, otherwise over TCP. */
export async function dial(settings: HostSettings, signal?: AbortSignal): Promise<Dialed> {
  if (settings.proxyCommand !== undefined) return { stream: proxy(settings, settings.proxyCommand), address: settings.hostname };
  const { hostname: host, port } = settings;
  return new Promise((resolve, reject) => {
    // Node's default of 250 ms for each address of a host is shorter than the round trip of slow networks.
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2500 });
    const fail = (cause: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      reject(cause instanceof Problem ? cause : explain(settings, cause));
    };
    const abort = () => fail(interrupted(settings.name));
    const timer = setTimeout(() => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), settings.connectTimeout * 1000);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off('error', fail);
      resolve({ stream: socket, address: socket.remoteAddress ?? host });
    });
  });
}

function proxy(settings: HostSettings, command: string): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${expandTokens(command, settings)}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  // The command's output may come from a jump host, which is as untrusted as the host.
  child.stderr.setEncoding('utf8').on('data', (text: string) => void process.stderr.write(printable(text)));
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.once('close', () => child.kill());
  return stream;
}

/** Returns the Problem of a failed connection, with its meaning and advice, by the system's error code. */
function explain({ name, hostname, port }: HostSettings, cause: Error): Problem {
  const problem = (message: string, hint: string) => new Problem({ message, hint, exit: exitCode.unreachable, host: name, cause });
  switch ('code' in cause ? cause.code : undefined) {
    case 'ENOTFOUND':
      return problem(`No address is known for ${hostname}.`, 'Check the spelling, the DNS record, or the Host alias in ssh_config.');
    case 'EAI_AGAIN':
      return problem(
        `The address of ${hostname} could not be looked up.`,
        "The name server does not answer; check this machine's network.",
      );
    case 'ECONNREFUSED':
      return problem(
        `${hostname} refuses connections on port ${port}.`,
        'No SSH server listens there: check the port, and that sshd runs. A host that is just booting needs a moment.',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return problem(
        `There is no route to ${hostname} from this network.`,
        "Check this machine's network, its VPN, and that the host is up.",
      );
    case 'ETIMEDOUT':
      return problem(
        `${hostname} does not answer on port ${port}.`,
        'A firewall may drop the packets, or the host is down. Check its firewall and its security group for that port.',
      );
    default:
      return problem(
        `The connection to ${hostname} port ${port} failed: ${cause.message}.`,
        'Try again. To see more: foobar-provision doctor',
      );
  }
}
