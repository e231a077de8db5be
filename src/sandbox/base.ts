import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locked } from './lock.ts';
import { baseRoot } from './paths.ts';
import type { Progress, Suite } from './sandbox.ts';
import { machineMirrors, sourceLines } from './sources.ts';
import { system } from './system.ts';

/** What a rented Debian server has at the very least: a service manager, a way in, a network and trusted authorities. */
const bare = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'ca-certificates'];

/** Raised when the recipe below changes, so that systems made by an older one are not used. */
const recipe = 1;

/** A mirror may lag behind sid by more than its release file allows. */
const anyAge = 'Acquire::Check-Valid-Until "false";';

/**
 * The root of a base system, which is built where it is missing. Hosts share it and never write to it.
 * Every set of packages has its own; it appears whole, by a rename.
 */
export async function baseSystem(suite: Suite, include: readonly string[], onProgress: Progress): Promise<string> {
  const packages = [...new Set([...bare, ...include])].sort();
  const sources = sourceLines(suite, await machineMirrors());
  const directory = join(baseRoot, suite);
  const built = join(directory, fingerprint({ recipe, packages, sources }));
  const root = join(built, 'root');
  if (existsSync(root)) return root;
  const wait = () => onProgress(`Waiting for another process that builds ${suite}`);
  await locked(join(baseRoot, `${suite}.lock`), wait, async () => {
    if (existsSync(root)) return;
    onProgress(`Building a bare ${suite}: once, in about half a minute`);
    await discardRemains(directory);
    const staging = await mkdtemp(join(directory, '.building-'));
    await build(suite, packages, sources, join(staging, 'root'), onProgress);
    await writeFile(join(staging, 'stamp.json'), `${JSON.stringify({ suite, recipe, packages, sources, built: new Date() }, null, 2)}\n`);
    await rename(staging, built);
  });
  return root;
}

async function build(
  suite: Suite,
  packages: readonly string[],
  sources: readonly string[],
  root: string,
  onProgress: Progress,
): Promise<void> {
  const options = ['--variant=minbase', '--mode=root', '--format=directory', `--include=${packages.join(',')}`];
  if (suite === 'sid') options.push(`--aptopt=${anyAge}`);
  await system(`build a base system of ${suite}`, ['mmdebstrap', ...options, suite, root, ...sources], (line) => {
    // Its warnings are about its own ways of building, and its errors are in the Problem.
    if (line.startsWith('I: ')) onProgress(line.slice(3));
  });
  await bareAgain(suite, sources, root);
}

/** Takes out what belongs to the building and what must be a host's own: its keys, its identity, its age. */
async function bareAgain(suite: Suite, sources: readonly string[], root: string): Promise<void> {
  const lists = join(root, 'var/lib/apt/lists');
  const keys = (await readdir(join(root, 'etc/ssh')))
    .filter((name) => name.startsWith('ssh_host_'))
    .map((name) => join(root, 'etc/ssh', name));
  const indexes = (await readdir(lists)).filter((name) => name !== 'partial').map((name) => join(lists, name));
  const building = ['etc/apt/apt.conf.d/99mmdebstrap', 'etc/resolv.conf', 'etc/hostname'].map((name) => join(root, name));
  await Promise.all([...keys, ...indexes, ...building].map((path) => rm(path, { recursive: true, force: true })));
  await writeFile(join(root, 'etc/apt/sources.list'), `${sources.join('\n')}\n`, { mode: 0o644 });
  await writeFile(join(root, 'etc/machine-id'), '');
  if (suite === 'sid') await writeFile(join(root, 'etc/apt/apt.conf.d/90any-age'), `${anyAge}\n`, { mode: 0o644 });
}

/** What a builder left that did not finish: we hold the lock, so it is nobody's any more. */
async function discardRemains(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const names = (await readdir(directory)).filter((name) => name.startsWith('.building-'));
  await Promise.all(names.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
