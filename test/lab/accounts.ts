import type { Sandbox } from '../../src/sandbox/index.ts';
import { exec } from './host.ts';

/** A login user of a host, let in by the same key as root. */
export interface Account {
  readonly name: string;
  readonly password: string;
  /** `yes`: sudo for the password; `free`: sudo without it; `no`: sudo refuses. */
  readonly sudo: 'yes' | 'free' | 'no';
}

/** Adds users to a host, as whoever rents it out would. */
export async function addAccounts(host: Sandbox, accounts: readonly Account[]): Promise<void> {
  const { code, stderr } = await exec(host, `set -e\n${accounts.map(added).join('\n')}`);
  if (code !== 0) throw new Error(`the users could not be made: ${stderr}`);
}

function added({ name, password, sudo }: Account): string {
  return `useradd --create-home --shell /bin/bash ${name}
printf '%s\\n' '${name}:${password}' | chpasswd
cp -r /root/.ssh /home/${name}/ && chown -R ${name}: /home/${name}/.ssh
${sudo === 'yes' ? `usermod -aG sudo ${name}` : ''}
${sudo === 'free' ? `printf '%s\\n' '${name} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${name}` : ''}`;
}
