import type { Duplex, Readable } from 'node:stream';
import type { Command } from '../command/command.ts';

/** Seconds that looking at a host may take: its package lists come first where it has none, by a slow line too. */
export const surveySeconds = 1080;

/** What a command on the far side printed and how it ended. Output is decoded once, whole, as UTF-8. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; a signal's ending is 128 plus its number, as shells have it. */
  readonly code: number;
}

export interface RunOptions {
  /** What the command reads from its standard input; nothing where it is left out. */
  readonly input?: Readable | Buffer | string;
  /** Called with each complete line of standard output as it arrives, without its newline. */
  readonly onLine?: (line: string) => void;
  /** Seconds until the command is given up. Every step has a deadline. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Where a stream on the far side leads: a TCP port as the host sees it, or a socket file. */
export type Endpoint = { readonly port: number; readonly host?: string } | { readonly socket: string };

/** Who logged in and by what, and the type of the host's key that was checked: `ssh-ed25519`. */
export interface Login {
  readonly user: string;
  readonly by: 'key' | 'password' | 'nothing';
  readonly hostKey: string;
}

export interface Restrictions {
  /** Fewer commands run on one connection than were needed (MaxSessions), so there are several. */
  readonly fewSessions: boolean;
  /** Nothing is forwarded (AllowTcpForwarding, DisableForwarding), so a process on the host carries each stream. */
  readonly noForwarding: boolean;
}

/**
 * The way to a host, and all that the engine knows of it. What runs, runs as root: how root was reached
 * (the login, sudo, sudo with a password) is the transport's own affair.
 */
export interface Transport {
  /** The host as the user named it, for messages. */
  readonly host: string;
  /** The address that the connection went to, for the checks that go past it. */
  readonly address: string;
  /**
   * How often an answer was waited for since authentication ended, side by side or in turn: the budget of a run that changes nothing.
   * Streams, which the health checks open beside them, are not counted.
   */
  readonly roundTrips: number;
  /**
   * Runs a script in the session's one root shell, its input empty: one round trip, no process of its own.
   * Scripts run one at a time in the order of the calls, each in a subshell, so none can end the session.
   */
  script(command: Command, options?: { readonly timeout?: number }): Promise<Output>;
  /** Runs a script as root on a channel of its own, so that input can be streamed to it and output followed. */
  run(command: Command, options?: RunOptions): Promise<Output>;
  /**
   * Logs in once more, over a connection of its own and as the first time; what a person was asked then, nobody is asked again.
   * Rejects with a `Problem` where it does not get in, or where the signal is raised before.
   */
  again(signal?: AbortSignal): Promise<Transport>;
  /** How the login was let in. */
  readonly login: Login;
  /** What its sshd restricts, as far as it was met and a way round taken. */
  readonly restrictions: Restrictions;
  /** A byte stream to an address on the far side, or, as root, to a socket there. */
  open(endpoint: Endpoint): Promise<Duplex>;
  close(): Promise<void>;
}
