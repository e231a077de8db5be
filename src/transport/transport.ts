import type { Duplex, Readable, Writable } from 'node:stream';
import type { Command } from '../command/command.ts';

/** The timeout of a survey, which may first download package lists over a slow connection. */
export const surveyTimeoutSeconds = 1080;

/** The output and exit code of a command on the host. Output is decoded as UTF-8, as a whole. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or 128 plus the number of the signal that ended the command, as in shells. */
  readonly code: number;
}

export interface RunOptions {
  /** The command's standard input. By default it is empty. */
  readonly input?: Readable | Buffer | string;
  /** Receives standard output, which is not part of the result then. It is ended when the command has ended. */
  readonly output?: Writable;
  /** Receives standard error, which is not part of the result then. It is not ended. */
  readonly errors?: Writable;
  /** Called with each complete line of standard output as it arrives, without its newline. */
  readonly onLine?: (line: string) => void;
  /** In seconds. Every command has a timeout; that of a person's own command is `Infinity`. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** A terminal on this machine. */
export interface Terminal {
  /** Its value of TERM, such as `xterm-256color`. */
  readonly type: string;
  /** What is typed, key by key. */
  readonly input: Readable;
  readonly output: Writable;
  size(): TerminalSize;
  /** Passes every key on, and calls the listener when the size has changed, until the returned function is called. */
  attach(onResize: () => void): () => void;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The destination of a stream on the host: a TCP port as seen from the host, or a socket file. */
export type Endpoint = { readonly port: number; readonly host?: string } | { readonly socket: string };

/** Who logged in and how, and the type of the host's key that was checked, e.g. `ssh-ed25519`. */
export interface Login {
  readonly user: string;
  readonly by: 'key' | 'password' | 'nothing';
  readonly hostKey: string;
}

export interface Restrictions {
  /** Whether sshd limits the commands on one connection (MaxSessions), so that there are several connections. */
  readonly fewSessions: boolean;
  /** Whether sshd forbids forwarding (AllowTcpForwarding, DisableForwarding), so that a process on the host relays each stream. */
  readonly noForwarding: boolean;
}

/**
 * A session on a host, and all that the engine knows about connecting to it. Everything runs as root; how the session
 * became root (by the login, sudo, or sudo with a password) is known only to the transport. Only a session that was opened
 * with `root: 'preferred'` may run as the login user instead.
 */
export interface Transport {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** The address of the connection, for checks that connect to the host directly. */
  readonly address: string;
  /**
   * The number of round trips since authentication, concurrent or not. Tests limit it for a run that changes nothing.
   * Streams, which health checks open, are not counted.
   */
  readonly roundTrips: number;
  /**
   * Runs a script with empty input in the session's root shell, in one round trip.
   * Scripts run one at a time in the order of the calls, each in a subshell, so none can end the session.
   */
  script(command: Command, options?: { readonly timeout?: number }): Promise<Output>;
  /** Runs a script as root on a channel of its own, so that input can be streamed to it and output followed. */
  run(command: Command, options?: RunOptions): Promise<Output>;
  /**
   * Runs a script as root in a terminal on the host, which is connected to the one on this machine. Resolves to its exit code. It has no
   * timeout, because a person uses it.
   */
  inTerminal(command: Command, terminal: Terminal): Promise<number>;
  /**
   * Logs in again over a new connection, and repeats the person's answers instead of asking again.
   * Rejects with a `Problem` if the login fails or the signal aborts it.
   */
  again(signal?: AbortSignal): Promise<Transport>;
  /** False for a session that runs as the login user. */
  readonly isRoot: boolean;
  /** How the login was authenticated. */
  readonly login: Login;
  /** The restrictions of the host's sshd that this session has met and worked around. */
  readonly restrictions: Restrictions;
  /** Opens a byte stream to an address on the host, or, as root, to a socket there. */
  open(endpoint: Endpoint): Promise<Duplex>;
  close(): Promise<void>;
}
