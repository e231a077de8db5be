import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { cacheFolder, keep, recall } from '../cache.ts';
import type { HostSettings } from './ssh-config.ts';
import type { Login } from './transport.ts';

/** Remembers how a user's login to a host was authenticated, because a connection of the user's own ssh does not say it. */
export async function rememberLogin(settings: HostSettings, { by, hostKey }: Login): Promise<void> {
  const text = `${by} ${hostKey}`;
  if ((await recall(folder, fileOf(settings))) !== text) await keep(text, folder, fileOf(settings));
}

/** Resolves to how the user's last login to the host was authenticated, or to undefined if it is not known. */
export async function recallLogin(settings: HostSettings): Promise<Login | undefined> {
  const [, by, hostKey = ''] = /^(key|password|nothing) ([\w@.-]*)$/.exec((await recall(folder, fileOf(settings))) ?? '') ?? [];
  return by === 'key' || by === 'password' || by === 'nothing' ? { user: settings.user, by, hostKey } : undefined;
}

/** Resolves to whether a login is remembered for any host, which is so if ssh_config says that connections are kept open. */
export async function hasRememberedLogins(): Promise<boolean> {
  const names = await readdir(cacheFolder(folder)).catch(() => []);
  return names.length > 0;
}

const folder = 'logins';

function fileOf({ user, hostname, port }: HostSettings): string {
  return createHash('sha256').update(`${user}@${hostname}:${port}`).digest('hex');
}
