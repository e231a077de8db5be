import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Problem } from '../../error.ts';
import type { Examined } from '../../operations/event.ts';
import { readKnownHosts } from '../../transport/host-key.ts';
import { readKeyFile } from '../../transport/key-file.ts';
import { gatherKeys } from '../../transport/keyring.ts';
import { type HostSettings, resolveSettings } from '../../transport/ssh-config.ts';
import type { Target } from '../../transport/target.ts';

/** The end of life of each release line of Node, according to nodejs.org. */
const endOfLife: Readonly<Record<number, string>> = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30' };

export function examineNode(version: string, now: Date): Examined {
  const end = endOfLife[Number(version.split('.')[0])];
  if (end === undefined || now <= new Date(`${end}T23:59:59Z`)) return { name: 'node', state: 'ok', detail: version };
  return {
    name: 'node',
    state: 'warning',
    detail: `${version}, which has had no security updates since ${end}`,
    hint: 'It still works here. Take a newer one from https://nodejs.org',
  };
}

const run = promisify(execFile);

export async function examineSsh(): Promise<Examined> {
  try {
    const { stderr } = await run('ssh', ['-V'], { timeout: 10_000 });
    return { name: 'ssh', state: 'ok', detail: stderr.trim().split(',')[0] ?? '' };
  } catch {
    return {
      name: 'ssh',
      state: 'warning',
      detail: 'there is no ssh here, so your ssh_config is not read',
      hint: 'Install OpenSSH if you use Host aliases, jump hosts or keys with unusual names.',
    };
  }
}

/** The options that replace those of ssh_config. */
export interface LocalAccess {
  /** A private key file. */
  readonly identity?: string | undefined;
  /** A known_hosts file. */
  readonly knownHosts?: string | undefined;
}

/** Examines the target's settings in ssh_config, and the keys and known hosts that they name. */
export async function examineAccess(target: Target, access: LocalAccess): Promise<readonly Examined[]> {
  const settings = await resolveSettings(target).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  if (settings instanceof Problem)
    return [
      { name: 'ssh_config', state: 'missing', detail: settings.message, ...(settings.details.hint && { hint: settings.details.hint }) },
    ];
  return [wayOf(settings), await keysOf(settings, access), await knownHostsOf(settings, access)];
}

function wayOf({ name, user, hostname, port, proxyJump, proxyCommand }: HostSettings): Examined {
  const through = proxyJump.length > 0 ? `, through ${proxyJump.join(', ')}` : proxyCommand ? `, through ${proxyCommand}` : '';
  return { name: 'ssh_config', state: 'ok', detail: `${name} is ${user}@${hostname}, port ${port}${through}` };
}

async function keysOf(settings: HostSettings, { identity }: LocalAccess): Promise<Examined> {
  if (identity !== undefined && (await readKeyFile(identity)).kind === 'absent')
    return { name: 'keys', state: 'missing', detail: `the key file ${identity} does not exist`, hint: 'Check --identity.' };
  const paths = identity === undefined ? settings.identityFiles : [identity];
  // A key with a passphrase counts, because nobody is asked for it yet.
  const { keys, notes } = await gatherKeys(paths, settings.agent, identity !== undefined || settings.identitiesOnly, async () => undefined);
  const agent = settings.agent ? '' : '; no agent is running (SSH_AUTH_SOCK)';
  const aside = notes.map((note) => `; ${note}`).join('');
  if (keys.length > 0) return { name: 'keys', state: 'ok', detail: `${keys.map(({ label }) => label).join(', ')}${agent}${aside}` };
  return {
    name: 'keys',
    state: 'warning',
    detail: `there is no key to offer${agent}${aside}`,
    hint: `Make one with ssh-keygen -t ed25519 and copy it to the host with ssh-copy-id ${settings.user}@${settings.hostname}; a password works too, at a terminal.`,
  };
}

async function knownHostsOf(settings: HostSettings, { knownHosts }: LocalAccess): Promise<Examined> {
  try {
    const files = knownHosts === undefined ? undefined : [knownHosts];
    const { entries, record } = await readKnownHosts(settings, { accept: 'known', files });
    return { name: 'known_hosts', state: 'ok', detail: `${entries.length} keys${record ? `; new ones go to ${record}` : ''}` };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { name: 'known_hosts', state: 'missing', detail: error.message, ...(error.details.hint && { hint: error.details.hint }) };
  }
}
