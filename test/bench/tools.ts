import { spawnSync } from 'node:child_process';

/** Installs the Debian package with this program, unless the program is installed. Throws an Error if that fails. */
export function requireTool(program: string, name: string): void {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return;
  const installed = spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', name], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (installed.status !== 0) throw new Error(`The benchmark needs ${program}: install the package ${name}.`);
}

/** Returns the number that follows an option on the command line, or the default. */
export function numberOf(option: string, otherwise: number): number {
  const at = process.argv.indexOf(option);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
}

export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
