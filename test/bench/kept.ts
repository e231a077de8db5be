import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/index.ts';

/** A file of ssh's own configuration, which programs are given in no other way. It has only the host of the benchmark, and is removed. */
const file = '/etc/ssh/ssh_config.d/foobar-bench.conf';

/** The host's name in ssh_config while its connection is kept open. */
export const keptName = 'foobar-bench';

/** Keeps a connection to the host open, as ssh does with `ControlPersist`. `end` closes it. */
export async function keptOpen({ address, port, user, identity, knownHosts }: Sandbox, folder: string): Promise<() => Promise<void>> {
  const settings = [
    `HostName ${address}`,
    `User ${user}`,
    `Port ${port}`,
    `IdentityFile ${identity}`,
    'IdentityAgent none',
    `UserKnownHostsFile ${knownHosts}`,
    'StrictHostKeyChecking yes',
    `ControlPath ${join(folder, 'kept-%C')}`,
  ];
  await writeFile(file, `Host ${keptName}\n${settings.map((line) => `  ${line}\n`).join('')}`);
  const ssh = async (...args: readonly string[]) => once(spawn('ssh', [...args, keptName], { stdio: 'ignore' }), 'exit');
  // The host may be behind a relay in this process, so nothing may block it.
  await ssh('-M', '-f', '-N');
  return async () => {
    await ssh('-O', 'exit');
    await rm(file, { force: true });
  };
}
