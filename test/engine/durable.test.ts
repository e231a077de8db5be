import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { bundled, filesFolder } from '../../src/bundled/files.ts';
import { readTree, straceOptions, type Tree, writeTree } from '../lab/disk.ts';
import { cuts, madeUp, Whole } from '../lab/trace.ts';
import { arrive, everything, settled, updateWith } from './durable.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

/** The files with the functions that all others must use, and those that only read. */
const exempt = new Set(['durable.sh', 'database.sh', 'doctor.sh', 'leftovers.sh']);

describe('shell that writes what a later boot or run relies on', () => {
  const runs = readdirSync(join(filesFolder, 'run')).filter((name) => name.endsWith('.sh') && !exempt.has(name));
  const texts = [...runs.map((name) => `run/${name}`), 'host/swap.sh', 'web/certificate.sh'];
  const linesOf = (text: string) => text.split('\n').filter((line) => !/^\s*#/.test(line));
  const named = (path: string, lines: readonly string[]) => lines.map((line) => `${path}: ${line.trim()}`);
  /** Paths below /run, which a boot empties, and the variables that contain such paths. */
  const withRunPaths = (text: string) =>
    [...text.matchAll(/^ *(\w+)=(\/run\/\S+)$/gm)].reduce((all, [, name, path]) => all.replaceAll(`"$${name}`, `"${path}`), text);
  const ours = texts.flatMap((path) => named(path, linesOf(withRunPaths(bundled(path)))));
  /** A line of a program in another language, or of the shell that a site's user runs. */
  const isOther = (line: string) => /\$0|substr\(|index\(|secret\[|line\[|EDITOR|\$1\/\$2/.test(line);
  /** Staged files, files that only this run reads, and files that the next boot removes (`$private` is a folder below /run). */
  const passing =
    /^("?\/dev\/|&\d|"?\$RUN\/|"?\$new|"?\$made\/|"?\/run\/|"?\$BOOT_GUARD\.new|"?\$said"|"\$1\.filled"|"\$record\/apart"|"\$filling\/|"\$record\.new"|"\$STATE\/owed\/\$NAME\/\$1"|"\$private\/)/;

  test('goes through the functions of durable.sh', () => {
    const targets = (line: string) =>
      [...line.replaceAll(/'[^']*'/g, '').matchAll(/(?<![-<=>&%*$])>>?\s*("[^"]*"|[^\s;)|&]\S*|&\d)/g)].map(([, target = '']) => target);
    const inPlace = ours.filter(
      (line) => !isOther(line) && !/"\$1\.new"|cat "\$1\.filled"/.test(line) && targets(line).some((target) => !passing.test(target)),
    );
    expect(inPlace).toEqual([]);
  });

  test('renames and links only with these functions, except for unfinished files', () => {
    const known = [
      // Staged, and synced with others of its step.
      'mv -fT -- "${1%/*}/.foobar-provision-$ID/$step" "$1"',
      'ln -PT -- "${1%/*}/.foobar-provision-$ID/$step" "$1"',
      // Out of sight until the run has ended.
      'mv -T -- "$1" "$new"',
      'mv -T -- "$1" "$1.failed"',
      // The next run repeats these.
      'mv -f -- "$STATE/owed/$NAME/$1" "$RUN/handled/"',
      'mv -f -- "$1" "$STATE/owed/$NAME/"',
      'mv -f "$RUN/applied.new" "$RUN/applied"',
      'mv -ft /var/lib/apt/lists',
      // Inside a release that does not have its name yet.
      'mv -T -- "$from/files" "$filling"',
      'mv -T -- "$filling/$1" "$record/apart.d/$1"',
      'ln -s -- "$shared/$1" "$filling/$1"',
      'ln -s -- "$3" "$1/$2"',
      // The file systems are synced afterwards.
      'mv -T -- "$record/apart.d/$2" "$release/$2"',
      // The next boot removes it, together with the timers that it lists.
      'mv -f "/run/',
      // A program of its own, which does not have these functions, and syncs both.
      'sync -- "$record.new" && mv -f -- "$record.new" "$record" && sync -- "$folder/"',
      // A second name for what is there.
      'ln -f -- "$PENDING" "$RUN/kept/pending"',
      'ln -fP -- "$1" "$beside_folder/${2:-$step}.was"',
    ];
    expect(ours.filter((line) => /(?:^|[^\w-])(mv|ln) -/.test(line) && !known.some((each) => line.includes(each)))).toEqual([]);
  });

  test('and the shell of resources and playbooks never writes in place', () => {
    const top = join(import.meta.dirname, '../..');
    const files = ['src', 'playbooks'].flatMap((each) =>
      readdirSync(join(top, each), { recursive: true, encoding: 'utf8' }).flatMap((name) =>
        name.endsWith('.ts') ? [join(top, each, name)] : [],
      ),
    );
    expect(files.length).toBeGreaterThan(50);
    const found = files.flatMap((path) =>
      linesOf(readFileSync(path, 'utf8')).filter(
        (line) =>
          /sh`.*[^=]>>?\s*(\$\{|"?\/(etc|srv|usr|var))|sh`.*\b(mv|sed -i|ln -s(?!fn -- \$\{desired\.to\} "\$new")|tee) /.test(line) &&
          // Files for the current reader or the current run.
          !/\$private|\/(proven|refused|stop)`\}`/.test(line),
      ),
    );
    expect(found).toEqual([]);
  });

  test('never ends the shell if it cannot write, as the special built-ins `:` and `exec` do', () => {
    const opened = [
      'exec 3>>"$RUN/journal"',
      'exec 9>>"/run/foobar-provision-locks/run"',
      'command exec 3>>"$RUN/journal" || exec 3>/dev/null',
      'exec 8>>/run/foobar-provision-locks/certificate',
    ];
    expect(
      ours.filter(
        (line) =>
          /(^|[\s;{(!])(:|exec|eval|export|set)( \d?| \d)?>>? ?[^&]/.test(line) && !opened.some((each) => line.endsWith(`: ${each}`)),
      ),
    ).toEqual([]);
    // What is opened so was there before: see the line above each.
    expect(bundled('run/lock.sh')).toMatch(/\[ -e "\$RUN\/journal" \] \|\| \(.*\) \|\| exit 1\n {2}exec 3>>"\$RUN\/journal"/);
    expect(bundled('run/lock.sh')).toMatch(/true >>"\$LOCK"; \} 2>&1\) \|\| refuse_run lock "\$said"\n {2}exec 9>>"\$LOCK"/);
  });
});

/**
 * Returns whether a later run relies on a path: not on files that only this run reads, nor on files without their final name, such as the
 * record of a release before the release.
 */
const isRelied = (path: string, tree?: Tree) => {
  const [, state, record] = /^(.*)\/var\/lib\/foobar-provision\/releases\/site\/(\w+)\//.exec(path) ?? [];
  if (tree && record && !tree.has(`${state}/srv/site/releases/${record}`)) return false;
  return !/\/runs\/|\/\.foobar-provision-|\.new$|\.filling\/|\/incoming\//.test(path);
};

const canTrace = process.getuid?.() === 0 && spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!canTrace)('a power cut that takes what was not synced', () => {
  test('leaves everything that a run relies on intact at every instant of an update, and the next run converges', () => {
    const { host, at } = settled();
    const files = mkdtempSync(join(tmpdir(), 'foobar-cut-'));
    try {
      arrive(host, 'two');
      const roots = [at('/etc'), at('/srv'), at('/var/lib/foobar-provision')];
      const wanted = everything(at, 'two');
      const keeping = ['sh', '-c', `cp -a --parents ${host.root} ${files}; exec "$@"`, 'sh'];
      const run = host.run(host.plan(...wanted), { id: 'run-2' }, [...keeping, 'strace', '-o', `${files}/trace`, ...straceOptions]);
      expect(run.journal.at(-1)).toBe('end ok');
      const after = readTree('/', roots);
      const whole = new Whole(readTree(files, roots), isRelied);
      let seen: Tree = new Map();
      const all = cuts({ before: readTree(files, roots), trace: readFileSync(`${files}/trace`, 'utf8') }, roots, (instant) => {
        whole.look(instant);
        seen = instant.seen();
      });
      // The replay is correct: it ends with the actual files.
      expect([...after].filter(([path, { data }]) => !seen.get(path)?.data.equals(data)).map(([path]) => path)).toEqual([]);
      expect(madeUp(seen, after, roots)).toEqual([]);
      expect(all.length).toBeGreaterThan(50);
      expect(
        all.flatMap((cut) => whole.broken(cut).map((path) => `${path.replace(host.root, '')} after ${cut.after}, ${cut.loss} lost`)),
      ).toEqual([]);

      const step = Number(process.env.FOOBAR_CUTS ?? 12);
      for (const [index, cut] of all.entries()) {
        if (index % Math.ceil(all.length / step) !== 0) continue;
        writeTree('/', roots, cut.tree);
        arrive(host, 'two');
        const next = host.run(host.plan(...wanted), { id: 'run-3' });
        expect(next.journal.at(-1), `${cut.after}, ${cut.loss} lost`).toBe('end ok');
        expect(host.plan(...wanted), cut.after).toMatchObject({ changes: [], handlers: [], clearedHandlers: [] });
        expect([host.text('/srv/site/docroot/index.php'), host.text('/etc/theirs')]).toEqual(['two', 'two\n']);
        expect(host.tree('/etc').filter((path) => path.includes('.foobar-provision-'))).toEqual([]);
      }
    } finally {
      host.end();
      rmSync(files, { recursive: true });
    }
  });
});

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

describe.skipIf(!canMount)('a full disk', () => {
  test.each([
    ['/var/lib/foobar-provision', 'pages', [3, 20, 51, 56, 120]],
    ['/var/lib/foobar-provision', 'inodes', [2, 8, 14, 100]],
    ['/etc', 'pages', [0, 3, 60]],
    ['/etc', 'inodes', [1, 4, 60]],
    ['/srv', 'pages', [0, 60]],
    ['/srv', 'inodes', [0, 3, 60]],
  ] as const)('%s, in %s: the run ends before the change, and says so', (folder, room, lefts) => {
    const ends = lefts.map((left) => updateWith(room, left, folder));
    expect([ends.at(0), ends.at(-1)]).toEqual([false, true]);
  });
});
