import type { Command } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import type { Output, Transport } from './transport.ts';

/** Asks the person at the terminal; `echo` says whether what is typed may be seen. Undefined: they declined. */
export type Ask = (prompt: string, echo: boolean) => Promise<Secret | undefined>;

export interface HostKeyQuestion {
  readonly host: string;
  /** As OpenSSH prints it: `SHA256:…`. */
  readonly fingerprint: string;
  /** The key's type, e.g. `ssh-ed25519`. */
  readonly type: string;
}

export interface HostKeyOptions {
  /** What becomes of a host never seen before: somebody is asked, its key is recorded, or it is refused. */
  readonly accept: 'ask' | 'new' | 'known';
  readonly ask?: ((question: HostKeyQuestion) => Promise<boolean>) | undefined;
  /** known_hosts files instead of those that ssh_config names; a new key is recorded in the first. */
  readonly files?: readonly string[] | undefined;
}

/** A part of the way that lies behind: a connection, its host key, the login, and at last root. Jump hosts pass the first three before the host does. */
export interface Milestone {
  readonly reached: 'connection' | 'host key' | 'login' | 'root';
  readonly host: string;
  /** What was found: an address, a fingerprint, a user. */
  readonly detail: string;
}

export interface ConnectOptions {
  readonly hostKeys: HostKeyOptions;
  /** A private key file; it is then the only key that is offered. */
  readonly identity?: string | undefined;
  /** The port, where the target names none. */
  readonly port?: number | undefined;
  /** Passphrases and passwords of the login; left out where nobody can be asked. */
  readonly ask?: Ask | undefined;
  /** Called once, and only where sudo wants a password. */
  readonly sudoPassword?: (() => Promise<Secret | undefined>) | undefined;
  /** A script of a few kilobytes without secrets, run as root in the very round trip that starts the session. It may be made while the host is reached. */
  readonly first?: Command | Promise<Command> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each part of the way as it is done. */
  readonly onMilestone?: ((milestone: Milestone) => void) | undefined;
  /** An ssh_config file instead of the user's own, as `ssh -F`; `none` for none. */
  readonly sshConfig?: string | undefined;
}

export interface Connected {
  readonly transport: Transport;
  /** What `first` printed; empty where there was none. Its rejection may be left unhandled. */
  readonly first: Promise<Output>;
}
