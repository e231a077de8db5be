import { beforeAll, describe, expect, test } from 'vitest';
import { stateFolder } from '../../src/host-paths.ts';
import { boot, powerCut, unsupported } from '../../src/sandbox/index.ts';
import { cli, type Ended, named } from '../lab/cli.ts';
import { readTree, sumOf, type Tree, writeTree } from '../lab/disk.ts';
import { exec, lab } from '../lab/host.ts';
import { withOwn } from '../lab/own-way.ts';
import { type Cut, cuts, madeUp, roots, type Traced, traced, Whole } from '../lab/trace.ts';

const dropIn = '/etc/ssh/sshd_config.d/05-own.conf';
const withSshd = (content: string) => withOwn(`file('${dropIn}', { content: ${JSON.stringify(content)}, notify: reload('ssh') })`);
const guard = '/etc/systemd/system/foobar-provision-revert.service';

/** What runs rely on, but for what only the run itself reads. */
const isRelied = (path: string) =>
  !path.includes('/.') && !path.startsWith(`${stateFolder}/runs/`) && !path.endsWith('.new') && !/~|\.lock$/.test(path);

/** What decides who gets in after a boot. */
const isAccess = (path: string) =>
  /^\/etc\/(ssh|systemd\/system|nftables)/.test(path) ||
  /\/runs\/[^/]+\/(armed|begun|script|proven|applied|reverted|kept.*)$/.test(path) ||
  /\/manifests|\/owed/.test(path);

describe.skipIf(unsupported() !== undefined).each([
  ['that a new connection proves', 'ClientAliveInterval 77', 0],
  ['that leaves us out', 'AllowUsers nobody-else', 1],
])('a power cut that takes what was not synced, during a run with an sshd setting %s', (_, setting, code) => {
  const here = lab('trixie', { include: ['nginx', 'nftables'] });
  let run: Traced<Ended>;
  let all: readonly Cut[];
  let whole: Whole;
  /** How many calls came before the proof. */
  let proven: number | undefined;

  beforeAll(async () => {
    const first = await cli(here.host, 'apply', ['--yes'], withOwn(''));
    expect(first.code, first.stderr).toBe(0);
    run = await traced(here.host, () => cli(here.host, 'apply', ['--yes'], withSshd(setting)));
    expect(run.result.code, run.result.stderr).toBe(code);
    whole = new Whole(run.before, isRelied);
    let seen: Tree = new Map();
    all = cuts(run, roots, (instant) => {
      whole.look(instant);
      seen = instant.seen();
      if (proven === undefined && /"[^"]*\/proven"/.test(instant.call)) proven = instant.calls;
    });
    // The replay is true: what it ends with is what the host has.
    const differs = [...run.after]
      .filter(([path, { kind, data }]) => kind === 'file' && !seen.get(path)?.data.equals(data))
      .map(([path]) => path);
    expect([differs, madeUp(seen, run.after)]).toEqual([[], []]);
  }, 300_000);

  test('nothing that a boot or a run relies on is broken at any instant', () => {
    expect(all.length).toBeGreaterThan(60);
    expect(all.flatMap((cut) => whole.broken(cut).map((path) => `${path} after ${cut.after}, ${cut.loss} lost`))).toEqual([]);
  });

  test('unproven settings are never on the disk without everything that reverts them', () => {
    const unguarded = all.filter(({ tree }) => {
      if (tree.get(dropIn)?.data.toString().trim() !== setting) return false;
      const armed = [...tree.keys()].find((path) => path.endsWith('/armed'));
      const script = armed && tree.get(armed.replace(/armed$/, 'script'))?.data;
      return (
        !armed ||
        !script?.length ||
        !tree.get(guard)?.data.includes(armed.replace(/armed$/, 'script')) ||
        !tree.has(guard.replace(/([^/]+)$/, 'sysinit.target.wants/$1'))
      );
    });
    expect(proven === undefined).toBe(code !== 0);
    const early = unguarded.filter(({ calls }) => calls < (proven ?? Number.POSITIVE_INFINITY));
    expect(early.map(({ after, loss }) => `${after}, ${loss} lost`)).toEqual([]);
  });

  test('SSH access works after the next boot, the next run converges, and nothing loops', { timeout: 3_000_000 }, async () => {
    const different = [...new Map(all.map((cut) => [sumOf(cut.tree, isAccess), cut])).values()];
    console.log(`${all.length} disks, ${different.length} that differ in what decides who gets in`);
    for (const cut of different) {
      await powerCut(here.host.name);
      writeTree(here.host.root, roots, cut.tree);
      // Returns when root has logged in.
      const host = await boot(here.host.name);
      const next = await cli(host, 'apply', ['--yes'], withOwn(''));
      expect([next.code, next.stderr], `${cut.after}, ${cut.loss} lost`).toEqual([0, '']);
      const { stdout } = await exec(
        host,
        `ls ${stateFolder}/runs/*/armed ${guard} 2>/dev/null; systemctl list-units --plain --no-legend 'foobar-provision-r*'; find / -xdev -name '.foobar-provision-*'; systemctl list-units --failed --plain --no-legend`,
      );
      expect(stdout, `${cut.after}, ${cut.loss} lost`).toBe('');
      const again = await cli(host, 'plan', [], withOwn(''));
      expect([again.code, named(again, 'change')]).toEqual([0, []]);
      expect(readTree(host.root, ['/etc/ssh']).has(dropIn)).toBe(false);
    }
  });
});
