// What a fresh clone lacks: the packages and the build. Plain JavaScript that imports only Node's own, as it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname ?? '.', '..');

/** Runs a program in this folder, its output shown, and ends this process with its code where it fails. */
export function run(words, stdout = 'inherit') {
  const [command, ...rest] = words;
  const {
    status,
    stdout: text,
    error,
  } = spawnSync(command, rest, { cwd: folder, stdio: ['inherit', stdout, 'inherit'], encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  return text;
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [major, minor] = process.versions.node.split('.').map(Number);
  // The ranges of package.json: from each of these minors within its major, or any newer even major.
  const least = { 20: 19, 22: 13 }[major] ?? (major >= 24 ? 0 : Number.POSITIVE_INFINITY);
  if (minor >= least) return;
  process.stderr.write(
    `This is Node ${process.versions.node}, and foobar-provision needs ${engines.node}. Take one from https://nodejs.org\n`,
  );
  process.exit(1);
}

/** npm writes a lock of its own into what it installed: one that is older than ours is of another time. */
function installed() {
  const time = (path) => statSync(join(folder, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time('node_modules/.package-lock.json') >= time('package-lock.json');
}

requireNode();
if (!installed()) run(['npm', 'ci', '--include=dev', '--no-audit', '--no-fund']);
run([process.execPath, 'node_modules/tsdown/dist/run.mjs', '--logLevel', 'error']);
