import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { type Instant, type Loss, losses, readTree, replay, straceOptions, sumOf, type Tree } from './disk.ts';

/** Where a run keeps and changes files. */
export const roots = ['/etc', '/srv', '/usr/local', '/var/lib/foobar-provision'];

export interface Traced<T> {
  readonly result: T;
  readonly before: Tree;
  readonly after: Tree;
  readonly trace: string;
}

/** Traces every process of a host while this is done with it, from outside. */
export async function traced<T>(host: Sandbox, work: () => Promise<T>): Promise<Traced<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'foobar-trace-'));
  const file = join(folder, 'trace');
  const strace = spawn('strace', ['-o', file, ...straceOptions, ...processesIn(host).flatMap((pid) => ['-p', pid])], { stdio: 'ignore' });
  const ended = once(strace, 'exit');
  try {
    while (processesIn(host).some((pid) => /^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))) {
      if (strace.exitCode !== null) throw new Error('strace has ended by itself');
      await sleep(20);
    }
    const before = readTree(host.root, roots);
    const result = await work();
    const after = readTree(host.root, roots);
    strace.kill('SIGINT');
    await ended;
    return { result, before, after, trace: readFileSync(file, 'utf8') };
  } finally {
    strace.kill('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  }
}

function processesIn(host: Sandbox): readonly string[] {
  const space = readlinkSync(`/proc/${host.pid}/ns/pid`);
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/pid`) === space;
    } catch {
      return false;
    }
  });
}

/** A disk as the next boot may find it. */
export interface Cut {
  readonly after: string;
  /** How many calls came before. */
  readonly calls: number;
  readonly loss: Loss;
  readonly tree: Tree;
}

/** Every disk that a power cut during a trace may leave, each once. */
export function cuts(
  { before, trace }: Pick<Traced<unknown>, 'before' | 'trace'>,
  within: readonly string[] = roots,
  onInstant: (instant: Instant) => void = () => {},
): readonly Cut[] {
  const known = new Map<string, Cut>();
  for (const instant of replay(before, within, trace)) {
    if (!instant.changed) continue;
    onInstant(instant);
    for (const loss of losses) {
      const tree = instant.cut(loss);
      const sum = sumOf(tree, () => true);
      if (!known.has(sum)) known.set(sum, { after: instant.call, calls: instant.calls, loss, tree });
    }
  }
  return [...known.values()];
}

/** What a replay ends with and the host does not have. The folders above those that are looked at are not read. */
export function madeUp(seen: Tree, after: Tree, within: readonly string[] = roots): readonly string[] {
  return [...seen.keys()].filter((path) => !after.has(path) && !within.some((each) => each.startsWith(`${path}/`)));
}

/** The files that a later boot or run reads, and what each may hold: what it held before, or what was given its name whole. */
export class Whole {
  readonly #may = new Map<string, Set<string>>();

  constructor(
    before: Tree,
    readonly isRelied: (path: string, tree?: Tree) => boolean,
  ) {
    for (const [path, { kind, data }] of before) if (kind === 'file') this.#allow(path, data);
  }

  look({ call, seen }: Instant): void {
    if (!/^(rename|link)/.test(call)) return;
    for (const [path, { kind, data }] of seen()) if (kind === 'file') this.#allow(path, data);
  }

  /** The paths that hold something else where the power is cut there. */
  broken({ tree }: Cut): readonly string[] {
    return [...tree].flatMap(([path, { kind, data }]) =>
      kind !== 'file' || !this.isRelied(path, tree) || this.#may.get(path)?.has(data.toString('latin1')) ? [] : [path],
    );
  }

  #allow(path: string, data: Buffer): void {
    if (!this.isRelied(path)) return;
    this.#may.set(path, (this.#may.get(path) ?? new Set()).add(data.toString('latin1')));
  }
}
