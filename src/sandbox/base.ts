import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locked } from './lock.ts';
import { baseRoot } from './paths.ts';
import type { Progress, Suite } from './sandbox.ts';
import { machineMirrors, sourceLines } from './sources.ts';
import { system } from './system.ts';

/** The least that a rented Debian server has: a service manager, an SSH server, network tools and trusted certificate authorities. */
const bare = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'ca-certificates'];

/** Raise this number when the recipe below changes, so that systems built from an older one are not used. */
const recipe = 1;

/** A mirror may lag behind sid for longer than its release file allows. */
const anyAge = 'Acquire::Check-Valid-Until "false";';

/**
 * Returns the root of a base system, and builds it first if it is missing. Hosts share it and never write to it.
 * Each set of packages has its own base system, which appears by a rename once it is complete.
 */
export async function baseSystem(suite: Suite, include: readonly string[], onProgress: Progress): Promise<string> {
  const packages = [...new Set([...bare, ...include])].sort();
  const sources = sourceLines(suite, await machineMirrors());
  const directory = join(baseRoot, suite);
  const built = join(directory, fingerprint({ recipe, packages, sources }));
  const root = join(built, 'root');
  if (existsSync(root)) return root;
  const wait = () => onProgress(`Waiting for another process to build ${suite}`);
  await locked(join(baseRoot, `${suite}.lock`), wait, async () => {
    if (existsSync(root)) return;
    onProgress(`Building a bare ${suite}; this happens once and takes about half a minute`);
    await discardUnfinished(directory);
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
    // Its warnings concern only its own build process, and its errors are in the Problem.
    if (line.startsWith('I: ')) onProgress(line.slice(3));
  });
  await removeBuildTraces(suite, sources, root);
}

/** Removes what belongs to the build and what each host must have of its own: its keys, its identity and its package lists. */
async function removeBuildTraces(suite: Suite, sources: readonly string[], root: string): Promise<void> {
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

/** Removes what unfinished builds left. We hold the lock, so nobody uses it any more. */
async function discardUnfinished(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const names = (await readdir(directory)).filter((name) => name.startsWith('.building-'));
  await Promise.all(names.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
