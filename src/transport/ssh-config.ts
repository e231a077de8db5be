import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../error.ts';
import { expandPath } from './ssh-path.ts';
import type { Target } from './target.ts';

/** How to connect to one host, according to ssh_config. Paths are absolute. */
export interface HostSettings {
  /** The host as the user named it. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  /** Whether to offer only those keys of the agent that `identityFiles` name. */
  readonly identitiesOnly: boolean;
  /** The path of the agent's socket. */
  readonly agent?: string;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  /** The host's name in known_hosts, if it is not `hostname`. */
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  readonly strictHostKeyChecking: 'ask' | 'yes' | 'no' | 'accept-new';
  readonly proxyJump: readonly string[];
  readonly proxyCommand?: string;
  /** The socket of the connection that the user's own ssh keeps open for later commands. */
  readonly controlPath?: string;
  /** In seconds. */
  readonly connectTimeout: number;
}

/** Returns the command with which a person logs in to the same host. */
export function byHand({ user, hostname, port }: HostSettings): string {
  return `ssh ${port === 22 ? '' : `-p ${port} `}${user}@${hostname}`;
}

const run = promisify(execFile);

/**
 * Asks the user's own `ssh` for its configuration of a target, so that Include and Match apply. Without `ssh`, returns
 * OpenSSH's defaults. Rejects with a `Problem` if the configuration is broken.
 */
export async function resolveSettings(target: Target, file?: string): Promise<HostSettings> {
  const options = [
    ...(file === undefined ? [] : ['-F', file]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
  ];
  try {
    const { stdout } = await run('ssh', ['-G', ...options, '--', target.host], { timeout: 10_000 });
    return parseSettings(target, stdout);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return parseSettings(target, defaults());
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new Problem({
      message: `ssh cannot read its configuration for ${target.host}.`,
      hint: `Run "ssh -G ${target.host}" and fix what it reports.`,
      host: target.text,
      stderr,
      cause,
    });
  }
}

function defaults(): string {
  const home = homedir();
  const keys = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `identityfile ${join(home, '.ssh', name)}`);
  return [`user ${userInfo().username}`, ...keys, `userknownhostsfile ${join(home, '.ssh/known_hosts')}`].join('\n');
}

/** Parses the output of `ssh -G`: a lower-case keyword and its value on each line, with some keywords repeated. */
export function parseSettings(target: Target, text: string, environment: NodeJS.ProcessEnv = process.env): HostSettings {
  const pairs = text.split('\n').map((line) => /^(\S+)\s+(.*)$/.exec(line.trim()));
  const all = (key: string) => pairs.flatMap((pair) => (pair?.[1] === key && pair[2] !== undefined ? [pair[2]] : []));
  const one = (key: string) => all(key).find((value) => value !== 'none');
  const yes = (key: string) => ['yes', 'true'].includes(one(key) ?? '');
  const login = {
    hostname: one('hostname') ?? target.host,
    port: Number(one('port') ?? target.port ?? 22),
    user: target.user ?? one('user') ?? userInfo().username,
  };
  const path = (value: string) => expandPath(value, { ...login, name: target.host }, environment);
  const paths = (key: string) => (one(key)?.match(/"[^"]*"|\S+/g) ?? []).map((word) => path(word.replaceAll('"', '')));
  const agent = agentSocket(one('identityagent'), all('identityagent').includes('none'), path, environment);
  const alias = one('hostkeyalias');
  const command = one('proxycommand');
  const control = one('controlpath');
  return {
    name: target.text,
    ...login,
    identityFiles: all('identityfile')
      .filter((value) => value !== 'none')
      .map(path),
    identitiesOnly: yes('identitiesonly'),
    ...(agent !== undefined && { agent }),
    userKnownHosts: paths('userknownhostsfile'),
    globalKnownHosts: paths('globalknownhostsfile'),
    ...(alias !== undefined && { hostKeyAlias: alias }),
    hashKnownHosts: yes('hashknownhosts'),
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    proxyJump: one('proxyjump')?.split(',') ?? [],
    ...(command !== undefined && { proxyCommand: command }),
    ...(control !== undefined && { controlPath: path(control) }),
    connectTimeout: Number(one('connecttimeout')) || 10,
  };
}

function agentSocket(
  value: string | undefined,
  refused: boolean,
  path: (value: string) => string,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (refused) return undefined;
  if (value === undefined || value === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || undefined;
  return (value.startsWith('$') ? environment[value.replace(/^\$\{?(\w+)\}?$/, '$1')] : path(value)) || undefined;
}

function strictness(value: string | undefined): HostSettings['strictHostKeyChecking'] {
  switch (value) {
    case 'yes':
    case 'true':
      return 'yes';
    case 'no':
    case 'off':
    case 'false':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    default:
      return 'ask';
  }
}
