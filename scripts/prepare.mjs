// What a fresh clone lacks: the packages and the build. It imports only Node's own, as it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);

/** Runs a program, its output shown unless it is piped, and ends this process with its code where it fails. Returns what was piped. */
export function run([command, ...words], output = 'inherit') {
  const ended = spawnSync(command, words, { stdio: ['inherit', output, 'inherit'], encoding: 'utf8' });
  if (ended.error) throw ended.error;
  if (ended.status !== 0) process.exit(ended.status ?? 1);
  return ended.stdout;
}

/** The ranges of package.json's engines, which npm only warns about. */
function requireNode() {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `This is Node ${process.versions.node}; foobar-provision needs ${engines.node}. There are newer ones at https://nodejs.org\n`,
  );
  process.exit(1);
}

/** npm writes a lock of its own beside what it installed: where that is older than ours, it is of another time. */
function installed() {
  const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time('node_modules/.package-lock.json') >= time('package-lock.json');
}

requireNode();
if (!installed()) run(['npm', 'ci', '--include=dev']);
const { build } = await import('tsdown');
await build({ logLevel: 'error' });
