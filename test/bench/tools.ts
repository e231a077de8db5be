import { spawnSync } from 'node:child_process';

/** Installs the Debian package with this program, unless the program is installed. Throws an Error if that fails. */
export function requireTool(program: string, name: string): void {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return;
  const installed = spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', name], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (installed.status !== 0) throw new Error(`The benchmark needs ${program}: install the package ${name}.`);
}
