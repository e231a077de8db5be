import { messageOf } from '../error.ts';
import { codeOf } from '../error-code.ts';
import { Late } from '../within.ts';

/** The most likely meaning of a refused and of a timed-out connection. */
export interface Meaning {
  readonly refused: string;
  readonly late: string;
}

const usual: Meaning = { refused: 'nothing listens there', late: 'the host is down or a firewall drops it' };

/** The meaning at a port of the application. */
export const ofTheApplication: Meaning = { refused: 'nothing listens there', late: 'a firewall drops it, or the application hangs' };

/** The reason why nothing answers at a service's socket. */
export const notRunning = 'its service is not running';

/** Returns one line without control characters, because a server's text must not control the terminal. */
export function oneLine(text: string, length = 300): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Says in one line why a stream to `place` failed: what happened, where, and what it means. */
export function reason(error: unknown, place: string, meaning: Meaning = usual): string {
  if (error instanceof Late) return `${error.message} from ${place}: ${meaning.late}`;
  switch (codeOf(error)) {
    case 'prohibited':
      return `sshd does not forward to ${place}: AllowTcpForwarding, AllowStreamLocalForwarding or DisableForwarding forbids it`;
    case 'unconnected':
      return `sshd could not connect to ${place}: ${meaning.refused}${place.startsWith('/') ? socketDoubt : ''}`;
    case 'ECONNREFUSED':
      return `connection refused on ${place}: ${meaning.refused}`;
    case 'ETIMEDOUT':
      return `no answer from ${place}: ${meaning.late}`;
    case 'ENOENT':
      return `${place} does not exist: the service that makes it is not running`;
    case 'EACCES':
      return `permission denied on ${place}: the socket's mode denies us access`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${place}: this machine's network cannot reach it`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return `${place} closed the connection before it answered`;
    default:
      return `${place}: ${oneLine(messageOf(error))}`;
  }
}

/** For a socket file, sshd's error is always the same, even when its own settings forbid it. */
const socketDoubt = ', or the login user may not use the socket, or AllowStreamLocalForwarding is off';
