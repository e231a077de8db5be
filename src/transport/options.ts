import type { Command } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import type { Output, Transport } from './transport.ts';

/** Asks the person at the terminal. `echo` says whether the answer is shown while typing. Resolves to undefined if they decline. */
export type Ask = (prompt: string, echo: boolean) => Promise<Secret | undefined>;

export interface HostKeyQuestion {
  readonly host: string;
  /** In OpenSSH's format: `SHA256:…`. */
  readonly fingerprint: string;
  /** The key's type, e.g. `ssh-ed25519`. */
  readonly type: string;
}

export interface HostKeyOptions {
  /** What to do with an unknown host: ask, record its key, or refuse it. */
  readonly accept: 'ask' | 'new' | 'known';
  readonly ask?: ((question: HostKeyQuestion) => Promise<boolean>) | undefined;
  /** known_hosts files to use instead of those in ssh_config. A new key is recorded in the first one. */
  readonly files?: readonly string[] | undefined;
}

/**
 * A completed step of connecting: the connection, the host key, the login, and finally root. Jump hosts complete the first three before the
 * host does.
 */
export interface Milestone {
  readonly reached: 'connection' | 'host key' | 'login' | 'root';
  readonly host: string;
  /** An address, a fingerprint or a user. */
  readonly detail: string;
}

export interface ConnectOptions {
  readonly hostKeys: HostKeyOptions;
  /** A private key file. If given, no other key is offered. */
  readonly identity?: string | undefined;
  /** The port if the target does not name one. */
  readonly port?: number | undefined;
  /** Asks for passphrases and passwords of the login. Left out if there is nobody to ask. */
  readonly ask?: Ask | undefined;
  /** `preferred`: stay the login user if neither the login nor sudo without a password gives root. By default `required`. */
  readonly root?: 'required' | 'preferred' | undefined;
  /** Called at most once, and only if sudo asks for a password. */
  readonly sudoPassword?: (() => Promise<Secret | undefined>) | undefined;
  /**
   * A script of a few kilobytes without secrets, run as root in the round trip that starts the session. A promise may be resolved while the
   * connection is being opened.
   */
  readonly first?: Command | Promise<Command> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each step of connecting. */
  readonly onMilestone?: ((milestone: Milestone) => void) | undefined;
  /** Whether to log in even if the user's own ssh has a connection open that could be used (ControlPath in ssh_config). */
  readonly direct?: boolean | undefined;
  /** An ssh_config file to use instead of the user's own, as in `ssh -F`; `none` for none. */
  readonly sshConfig?: string | undefined;
}

export interface Connected {
  readonly transport: Transport;
  /** The output of `first`, empty if there was none. Its rejection need not be handled. */
  readonly first: Promise<Output>;
}
