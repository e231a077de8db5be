// Installs and builds what a fresh clone lacks. It imports only Node's own modules, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);

/** Runs a program and shows its output unless it is piped. Exits with the program's code if it fails. Returns piped output. */
export function run([command, ...words], output = 'inherit') {
  const ended = spawnSync(command, words, { stdio: ['inherit', output, 'inherit'], encoding: 'utf8' });
  if (ended.error) throw ended.error;
  if (ended.status !== 0) process.exit(ended.status ?? 1);
  return ended.stdout;
}

/** Exits if this version of Node is not in the ranges of `engines` in package.json, about which npm only warns. */
function requireNode() {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `This is Node ${process.versions.node}; foobar-provision needs ${engines.node}. There are newer ones at https://nodejs.org\n`,
  );
  process.exit(1);
}

/** Returns whether the packages are up to date: npm writes a lock file next to them, which must not be older than ours. */
function installed() {
  const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time('node_modules/.package-lock.json') >= time('package-lock.json');
}

requireNode();
if (!installed()) run(['npm', 'ci', '--include=dev']);
const { build } = await import('tsdown');
await build({ logLevel: 'error' });
