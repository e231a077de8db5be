import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../error.ts';
import { locked } from './lock.ts';
import { stateRoot } from './paths.ts';
import type { Progress } from './sandbox.ts';
import { searchPath, system } from './system.ts';

/** The packages that we need, each with a file that proves it is installed: a command, or an absolute path. */
const evidence = {
  'systemd-container': 'systemd-nspawn',
  mmdebstrap: 'mmdebstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  iptables: 'iptables',
  iproute2: 'ip',
  'openssh-client': 'ssh-keygen',
} as const;

/** Returns the packages that we need and that are not installed. */
export function missingPackages(): readonly string[] {
  return Object.entries(evidence)
    .filter(([, file]) => !isInstalled(file))
    .map(([name]) => name);
}

/** Installs the missing packages with apt-get. Without apt-get, rejects with a Problem that names them. */
export async function installTools(onProgress: Progress): Promise<void> {
  if (missingPackages().length === 0) return;
  await locked(
    join(stateRoot, 'tools.lock'),
    () => onProgress('Waiting for another process to install tools'),
    async () => {
      const packages = missingPackages();
      if (packages.length === 0) return;
      if (!isInstalled('apt-get')) {
        throw new Problem({
          message: 'Tools that sandboxes need are not installed on this machine.',
          hint: `Install them. In Debian, their packages are ${packages.join(', ')}.`,
        });
      }
      onProgress(`Installing ${packages.join(', ')} on this machine with apt-get`);
      await system('update the package lists of this machine', ['apt-get', 'update', '-q']);
      const install = ['apt-get', 'install', '-qy', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
      await system(`install ${packages.join(', ')} on this machine`, install);
    },
  );
}

function isInstalled(file: string): boolean {
  return file.startsWith('/')
    ? existsSync(file)
    : searchPath.split(':').some((directory) => directory !== '' && existsSync(join(directory, file)));
}
