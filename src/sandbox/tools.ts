import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../error.ts';
import { locked } from './lock.ts';
import { stateRoot } from './paths.ts';
import type { Progress } from './sandbox.ts';
import { searchPath, system } from './system.ts';

/** Each package that we need, by a file that shows it is here: a command, or a path where it starts with a slash. */
const evidence = {
  'systemd-container': 'systemd-nspawn',
  mmdebstrap: 'mmdebstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  iptables: 'iptables',
  iproute2: 'ip',
  'openssh-client': 'ssh-keygen',
} as const;

export function missingPackages(): readonly string[] {
  return Object.entries(evidence)
    .filter(([, file]) => !present(file))
    .map(([name]) => name);
}

/** Installs with apt-get what is missing; a Problem that names it where there is no apt-get. */
export async function installTools(onProgress: Progress): Promise<void> {
  if (missingPackages().length === 0) return;
  await locked(
    join(stateRoot, 'tools.lock'),
    () => onProgress('Waiting for another process that installs tools'),
    async () => {
      const packages = missingPackages();
      if (packages.length === 0) return;
      if (!present('apt-get')) {
        throw new Problem({
          message: 'this machine lacks tools that make sandboxes',
          hint: `Install what Debian calls ${packages.join(', ')}.`,
        });
      }
      onProgress(`Installing ${packages.join(', ')} on this machine with apt-get`);
      await system('update the package lists of this machine', ['apt-get', 'update', '-q']);
      const install = ['apt-get', 'install', '-qy', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
      await system(`install ${packages.join(', ')} on this machine`, install);
    },
  );
}

function present(file: string): boolean {
  return file.startsWith('/')
    ? existsSync(file)
    : searchPath.split(':').some((directory) => directory !== '' && existsSync(join(directory, file)));
}
