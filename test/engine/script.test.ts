import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Handler } from '../../src/engine/handler.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { command, directory, file, live, packages, release, Secret, secret, secretPlace, sh, symlink } from '../../src/index.ts';
import { planOf } from './plans.ts';
import { type Stage, stage } from './rehearsal.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let host: Stage;
beforeEach(() => {
  host = stage();
});
afterEach(() => host.end());

const at = (path: string) => `${host.root}${path}`;
const mode = (path: string) => (lstatSync(at(path)).mode & 0o7777).toString(8);
const step = (name: string, run: ReturnType<typeof sh>, undo?: ReturnType<typeof sh>): Resource =>
  command(name, { run, unless: sh`false`, ...(undo && { undo }) });
/** A handler that records that it ran. */
const note = (word: string, more = sh`:`): Handler => ({
  verb: 'reload',
  unit: word,
  summary: word,
  command: sh`${more}; printf '%s\n' ${word} >>${at('/notes')}`,
});
const notes = () => (existsSync(at('/notes')) ? host.text('/notes').trimEnd().split('\n') : []);

/** A path and all above it that is not the root, outer ones first. */
const parents = (path: string) => path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));

/** Files are root's by default, and only root can make them so. */
const asRoot = describe.skipIf(process.getuid?.() !== 0);

asRoot('a run', () => {
  test('applies the plan, leaves nothing else behind, and planning again finds nothing', () => {
    host.write('/etc/old', 'old', 0o600);
    const odd = `p'"\\&w $x \`id\` %s {{x}} |/~é`;
    const wanted = [
      secret('odd', { value: new Secret(odd) }),
      secret('made'),
      file(at('/etc/new'), { content: "it's\n\n\n\n$HOME `id` \\n %s\n" }),
      file(at('/etc/old'), { content: 'new', mode: '0640' }),
      file(at('/etc/pool'), {
        content: `a=${secretPlace('odd')};${secretPlace('odd')}\nb=${secretPlace('made')}\n`,
        mode: '0600',
        secrets: ['odd', 'made'],
      }),
      symlink(at('/etc/link'), { to: 'a b' }),
    ];
    const result = host.run(host.plan(...wanted));
    expect(result).toEqual({ code: 0, stderr: '', journal: expect.arrayContaining(['start run-1', 'end ok']) });
    const made = readFileSync(at('/etc/foobar-provision/secrets/made'), 'utf8');
    expect(made).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(host.text('/etc/new')).toBe("it's\n\n\n\n$HOME `id` \\n %s\n");
    expect(host.text('/etc/pool')).toBe(`a=${odd};${odd}\nb=${made}\n`);
    expect(['/etc/new', '/etc/old', '/etc/pool', '/etc/foobar-provision/secrets/odd', '/etc/foobar-provision/secrets'].map(mode)).toEqual([
      '644',
      '640',
      '600',
      '600',
      '700',
    ]);
    expect(readlinkSync(at('/etc/link'))).toBe('a b');
    expect(host.tree('/etc')).toEqual([
      'foobar-provision',
      'foobar-provision/secrets',
      'foobar-provision/secrets/made',
      'foobar-provision/secrets/odd',
      'link',
      'new',
      'old',
      'pool',
    ]);
    expect(host.tree('/var/lib/foobar-provision')).toEqual([
      ...parents(`aside${at('/etc/old')}`),
      'generation',
      'manifests',
      'manifests/foobar.com.json',
      'owed',
      'owed/foobar.com',
      'runs',
      'runs/run-1',
      ...['begun', 'beside', 'handled', 'journal', 'kept', 'kept/4', 'log', 'script'].map((name) => `runs/run-1/${name}`),
    ]);
    expect(host.text('/var/lib/foobar-provision/runs/run-1/kept/4')).toBe('old');
    expect(host.plan(...wanted)).toMatchObject({ changes: [], handlers: [] });
  });

  test('keeps its records private', () => {
    host.run(host.plan(file(at('/etc/a'), { content: '' })));
    expect(
      ['', '/manifests', '/manifests/foobar.com.json', '/runs/run-1', '/runs/run-1/kept'].map((path) =>
        mode(`/var/lib/foobar-provision${path}`),
      ),
    ).toEqual(['700', '700', '600', '700', '700']);
  });

  test('files of any content are written and read correctly', { timeout: 60_000 }, () => {
    const line = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', ''));
    const secretText = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => /^[^\p{Cc}{}]+$/u.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(line, line, secretText), { minLength: 8, maxLength: 12 }), (rows) => {
        host.end();
        host = stage();
        const wanted = rows.flatMap(([before, after, text], index) => [
          secret(`s${index}`, { value: new Secret(text) }),
          file(at(`/etc/${index}`), {
            content: `${before}\n${secretPlace(`s${index}`)}${after}\n\n\n\n`,
            secrets: [`s${index}`],
            mode: '0600',
          }),
          file(at(`/etc/plain${index}`), { content: `${before}\n\n\n${after}` }),
        ]);
        expect(host.run(host.plan(...wanted)).journal.at(-1)).toBe('end ok');
        for (const [index, [before, after, text]] of rows.entries()) {
          expect(host.text(`/etc/${index}`)).toBe(`${before}\n${text}${after}\n\n\n\n`);
        }
        expect(host.plan(...wanted).changes.map(({ resource, summary }) => `${resource} ${summary}`)).toEqual([]);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  test('runs each handler once, after the changes that notify it, and records it as pending before them', () => {
    const owed = sh`ls ${at('/var/lib/foobar-provision/owed/foobar.com')} >>${at('/notes')}`;
    const notify = [note('web')];
    const plan = planOf({
      p: [file(at('/a'), { content: '', notify }), file(at('/b'), { content: '', notify }), step('look', owed)],
      q: [step('last', sh`:`)],
    });
    const { journal } = host.run(plan);
    expect(notes()).toEqual(['reload:web', 'web']);
    expect(journal.filter((line) => line.startsWith('begin'))).toEqual([
      `begin 1 file:${at('/a')}`,
      `begin 2 file:${at('/b')}`,
      'begin 3 command:look',
      'begin 4 reload:web',
      'begin 5 command:last',
    ]);
    expect(host.remembered()).toMatchObject({ pendingHandlers: [], manifest: { name: 'foobar.com' } });
  });

  test('clears pending handlers of an earlier run that are no longer needed', () => {
    host.write('/var/lib/foobar-provision/owed/foobar.com/reload:gone', '');
    const plan = host.plan(file(at('/a'), { content: '' }));
    expect(plan.clearedHandlers).toEqual(['reload:gone']);
    host.run(plan);
    expect(host.remembered().pendingHandlers).toEqual([]);
  });
});

asRoot('a step that fails', () => {
  const lived = () => {
    host.write('/etc/kept', 'before\n', 0o600);
    host.write('/etc/gone', 'before\n', 0o640);
    symlinkSync('before', at('/etc/link'));
  };
  const wanted = (...more: readonly Resource[]) => [
    secret('new'),
    file(at('/etc/kept'), { content: 'after', notify: note('web') }),
    file(at('/etc/new'), { content: 'after' }),
    file.absent(at('/etc/gone')),
    symlink(at('/etc/link'), { to: 'after' }),
    step('one', sh`printf 'did\n' >>${at('/notes')}`, sh`printf 'undid\n' >>${at('/notes')}`),
    ...more,
  ];

  test('undoes the changes in reverse order, runs the handlers for the previous state, and reports the reason', () => {
    lived();
    const broken = step(
      'two',
      sh`echo 'first line'; echo 'no such thing' >&2; exit 7; touch ${at('/never')}`,
      sh`printf 'undid two\n' >>${at('/notes')}`,
    );
    const result = host.run(host.plan(...wanted(broken, step('three', sh`touch ${at('/never')}`))));
    expect(result.code).toBe(5);
    expect(result.journal.slice(result.journal.indexOf('begin 7 command:two'))).toEqual([
      'begin 7 command:two',
      'fail command:two 7',
      'err first line',
      'err no such thing',
      'undone 7',
      'undone 6',
      'undone 5',
      'undone 4',
      'undone 3',
      'undone 2',
      'undone 1',
      'end rolled-back',
    ]);
    expect(notes()).toEqual(['did', 'undid two', 'undid', 'web']);
    expect([host.text('/etc/kept'), host.text('/etc/gone'), readlinkSync(at('/etc/link'))]).toEqual(['before\n', 'before\n', 'before']);
    expect([mode('/etc/kept'), mode('/etc/gone')]).toEqual(['600', '640']);
    expect(host.tree('/etc')).toEqual(['foobar-provision', 'foobar-provision/secrets', 'gone', 'kept', 'link']);
    expect(host.remembered()).toEqual({ others: [], pendingHandlers: [] });
    expect(existsSync(at('/never'))).toBe(false);
  });

  test('removes the folders that it created, including those with a staging folder', () => {
    const cannotBeStaged = file(at('/etc/x'), { content: secretPlace('no'), secrets: ['no'] });
    const wanted = [directory(at('/srv/a')), directory(at('/srv/a/b')), file(at('/srv/a/b/c'), { content: '' }), cannotBeStaged];
    expect(host.run(host.plan(...wanted)).journal.at(-1)).toBe('end rolled-back');
    expect(host.tree('/srv')).toEqual([]);
  });

  test('of a change that may close SSH access undoes only such changes, and no other such change is made', () => {
    const access = (name: string, run: ReturnType<typeof sh>) =>
      command(name, { run, unless: sh`false`, undo: sh`printf 'no %s\n' ${name} >>${at('/notes')}`, access: true });
    const plan = host.plan(
      access('one', sh`echo one >>${at('/notes')}`),
      access('two', sh`echo 'no such table' >&2; exit 3`),
      access('three', sh`touch ${at('/never')}`),
      step('other', sh`echo other >>${at('/notes')}`, sh`touch ${at('/never')}`),
    );
    const { code, journal } = host.run(plan, { access: 'proven' });
    expect([code, journal.slice(-7)]).toEqual([
      0,
      ['begin 3 command:two', 'fail command:two 3', 'err no such table', 'undone 3', 'undone 2', 'held failed command:two', 'end ok'],
    ]);
    expect(notes()).toEqual(['other', 'one', 'no two', 'no one']);
    expect(existsSync(at('/never'))).toBe(false);
    expect(host.remembered().manifest).toMatchObject({
      held: { 'command:one': true, 'command:two': true, 'command:three': true },
      resources: { 'command:other': {} },
    });
  });

  test('in the files, because a folder is in the way, leaves everything unchanged', () => {
    lived();
    host.write('/etc/new/inside', '');
    expect(host.run(host.plan(...wanted()))).toMatchObject({ code: 5, journal: expect.arrayContaining(['end rolled-back']) });
    expect(host.text('/etc/kept')).toBe('before\n');
    expect(host.tree('/etc')).toEqual(['foobar-provision', 'foobar-provision/secrets', 'gone', 'kept', 'link', 'new', 'new/inside']);
  });

  test('while files are staged leaves all live files unchanged', () => {
    lived();
    host.write('/etc/flat', '');
    const { code, journal } = host.run(host.plan(...wanted(file(at('/etc/flat/x'), { content: '' }))));
    expect(code).toBe(5);
    expect(journal).toContain(`fail file:${at('/etc/flat/x')} 1`);
    expect(journal.filter((line) => line.startsWith('undone'))).toEqual(['undone 1']);
    expect(host.text('/etc/kept')).toBe('before\n');
  });

  test('is that of a file whose secret is missing', () => {
    const plan = host.plan(file(at('/etc/x'), { content: secretPlace('no'), secrets: ['no'] }));
    expect(host.run(plan)).toMatchObject({ code: 5 });
    expect(existsSync(at('/etc/x'))).toBe(false);
  });

  test('shows no secret of the host, not even a part of one or one that it replaces', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAbc\nQ==\n-----END PRIVATE KEY-----';
    host.run(host.plan(secret('replaced', { value: new Secret('Eengu2Ohquie3Zu7aeGh') })));
    const { journal } = host.run(
      host.plan(
        secret('replaced', { value: new Secret('Zu7aeGh2Ohquie3Eengu') }),
        secret('key', { value: new Secret(key), lines: true }),
        secret('short', { value: new Secret('odd*') }),
        step(
          'tells',
          sh`printf '%s\n' ${`a 'Zu7aeGh2Ohquie3...' b`} ${'password=Eengu2Ohquie3Zu7aeGh"; next'} ${`${key}\nQ== is left`} ${'odd*odd* oddity'} ${'x'.repeat(5000)}; false`,
        ),
      ),
      { id: 'run-2' },
    );
    expect(journal.filter((line) => line.startsWith('err '))).toEqual([
      "err a '(sensitive)' b",
      'err password=(sensitive)"; next',
      'err -----BEGIN PRIVATE KEY-----',
      'err (sensitive)',
      'err Q==',
      'err -----END PRIVATE KEY-----',
      'err Q== is left',
      'err (sensitive)(sensitive) oddity',
      `err ${'x'.repeat(2000)}`,
    ]);
  });

  test('of a handler undoes the changes too, and runs the handler for the previous state', () => {
    host.write('/etc/a', 'good\n');
    const picky = note('web', sh`grep -q good ${at('/etc/a')} || exit 1`);
    const { code, journal } = host.run(host.plan(file(at('/etc/a'), { content: 'bad', notify: picky })));
    expect({ code, notes: notes(), text: host.text('/etc/a') }).toEqual({ code: 5, notes: ['web'], text: 'good\n' });
    expect(journal).toContain('fail reload:web 1');
    expect(host.remembered().pendingHandlers).toEqual([]);
  });

  test('what cannot be reverted is named, and the next run knows of it', () => {
    const stuck = step('one', sh`touch ${at('/one')}`, sh`echo 'cannot'; exit 3`);
    const plan = host.plan(file(at('/a'), { content: '' }), stuck, step('two', sh`exit 1`));
    const { code, journal } = host.run(plan);
    expect(code).toBe(1);
    expect(journal).toEqual(expect.arrayContaining(['stuck 2', 'err cannot', 'undone 1', 'end failed']));
    expect(host.remembered().pending).toBeDefined();
    expect(host.plan(file(at('/a'), { content: '' })).changes).toMatchObject([{ reason: 'pending' }]);
  });

  test('skips changes that cannot be undone', () => {
    const { code, journal } = host.run(host.plan(step('one', sh`:`), step('two', sh`exit 1`)));
    expect(code).toBe(5);
    expect(journal.filter((line) => /^(undone|stuck)/.test(line))).toEqual([]);
  });
});

asRoot('a removal', () => {
  const was = () => [
    directory(at('/srv/site')),
    directory(at('/srv/site/releases'), { holds: 'ours' }),
    directory(at('/srv/site/shared'), { holds: 'data' }),
    file(at('/srv/site/note'), { content: 'note' }),
  ];
  const filled = () => {
    host.run(host.plan(...was()));
    host.write('/srv/site/releases/a/index.php', 'a');
    host.write('/srv/site/shared/upload', 'mine');
  };
  test('is complete, including data if that is allowed', () => {
    filled();
    expect(host.run(host.removal({ allowDestroy: true }), { id: 'run-2' }).journal.at(-1)).toBe('end ok');
    expect(host.tree('/srv')).toEqual([]);
  });

  test('leaves data if its removal is not allowed', () => {
    filled();
    expect(host.run(host.removal({ allowDestroy: false }), { id: 'run-2' }).journal.at(-1)).toBe('end ok');
    expect(host.tree('/srv')).toEqual(['site', 'site/shared', 'site/shared/upload']);
    expect(host.removal({ allowDestroy: false })).toMatchObject({
      changes: [],
      refused: [{ resource: { kind: 'directory', id: at('/srv/site/shared') } }],
    });
    expect(host.run(host.removal({ allowDestroy: true }), { id: 'run-3' }).journal.at(-1)).toBe('end ok');
    expect(host.tree('/srv')).toEqual([]);
  });

  test('is undone completely if a later step fails', () => {
    filled();
    const before = host.tree('/srv');
    const plan = host.removal({ allowDestroy: true });
    const broken = plan.changes.slice(-1).map((change) => ({
      ...change,
      resource: { kind: 'command', id: 'last' },
      step: { kind: 'plain', apply: sh`exit 9` } as const,
      undo: sh`:`,
    }));
    expect(host.run({ ...plan, changes: [...plan.changes, ...broken] }, { id: 'run-2' })).toMatchObject({ code: 5 });
    expect(host.tree('/srv')).toEqual(before);
    expect([host.text('/srv/site/shared/upload'), host.text('/srv/site/releases/a/index.php')]).toEqual(['mine', 'a']);
  });
});

asRoot('a pre-existing file', () => {
  const wanted = (content: string) => file(at('/etc/issue'), { content });
  const theirs = () => [host.text('/etc/issue'), mode('/etc/issue')];
  const cut = () => command('cut', { run: sh`kill -9 $$`, unless: sh`test -e ${at('/cut')}` });
  beforeEach(() => host.write('/etc/issue', 'theirs', 0o600));

  test('is overwritten, repaired, changed, and restored when the configuration is removed', () => {
    host.run(host.plan(wanted('ours')));
    host.write('/etc/issue', 'drift');
    host.run(host.plan(wanted('ours')), { id: 'run-2' });
    host.run(host.plan(wanted('other')), { id: 'run-3' });
    expect(host.text('/etc/issue')).toBe('other\n');
    expect(host.run(host.removal({ allowDestroy: false }), { id: 'run-4' }).journal.at(-1)).toBe('end ok');
    expect(theirs()).toEqual(['theirs', '600']);
    expect(existsSync(`${host.root}/var/lib/foobar-provision/aside${at('/etc/issue')}`)).toBe(false);
  });

  test('is restored even if the run that overwrote it was interrupted', () => {
    host.run(host.plan(wanted('ours'), cut()));
    expect(host.text('/etc/issue')).toBe('ours\n');
    host.write('/cut', '');
    host.run(host.plan(wanted('other'), cut()), { id: 'run-2' });
    expect(host.text('/etc/issue')).toBe('other\n');
    host.run(host.removal({ allowDestroy: false }), { id: 'run-3' });
    expect(theirs()).toEqual(['theirs', '600']);
  });

  test('is the latest version, if a run that was rolled back had overwritten an earlier one', () => {
    expect(host.run(host.plan(wanted('ours'), step('fails', sh`exit 9`, sh`:`)))).toMatchObject({ code: 5 });
    expect(theirs()).toEqual(['theirs', '600']);
    host.write('/etc/issue', 'theirs, later', 0o600);
    host.run(host.plan(wanted('ours')), { id: 'run-2' });
    host.run(host.removal({ allowDestroy: false }), { id: 'run-3' });
    expect(theirs()).toEqual(['theirs, later', '600']);
  });
});

asRoot('an interrupted run', () => {
  const wanted = (middle: ReturnType<typeof sh>) => [
    file(at('/a'), { content: 'a', notify: note('web') }),
    command('middle', { run: middle, unless: sh`test -e ${at('/middle')}` }),
    command('end', { run: sh`touch ${at('/end')}`, unless: sh`test -e ${at('/end')}` }),
  ];
  const done = () => ['/a', '/middle', '/end'].map((path) => existsSync(at(path)));

  test('stops after the step in which it was requested, and the next run continues from there', () => {
    const stopping = sh`touch ${at('/middle')} ${`${host.folder('run-1')}/stop`}`;
    const { code, journal } = host.run(host.plan(...wanted(stopping)));
    expect({ code, last: journal.slice(-2), done: done() }).toEqual({
      code: 130,
      last: ['ok 2', 'end stopped'],
      done: [true, true, false],
    });
    const next = host.plan(...wanted(stopping));
    expect(next.changes.map(({ resource, reason }) => `${nameOf(resource)} ${reason}`)).toEqual(['command:end pending']);
    expect(next.handlers).toMatchObject([{ verb: 'reload', unit: 'web', pending: true }]);
    expect(host.run(next, { id: 'run-2' }).code).toBe(0);
    expect({ done: done(), notes: notes(), remembered: host.remembered() }).toMatchObject({
      done: [true, true, true],
      notes: ['web'],
      remembered: { pendingHandlers: [], manifest: {} },
    });
    expect(host.plan(...wanted(stopping))).toMatchObject({ changes: [], handlers: [] });
  });

  test('leaves no lock if it was killed by SIGKILL, and the next run continues from there', () => {
    const killed = host.run(host.plan(...wanted(sh`touch ${at('/middle')}; kill -9 $$`)));
    expect({ code: killed.code, last: killed.journal.at(-1), done: done() }).toEqual({
      code: null,
      last: 'begin 2 command:middle',
      done: [true, true, false],
    });
    expect(host.run(host.plan(...wanted(sh`:`)), { id: 'run-2' }).code).toBe(0);
    expect({ done: done(), notes: notes() }).toEqual({ done: [true, true, true], notes: ['web'] });
  });
});

asRoot('a folder that was replaced since the plan', () => {
  const nobody = 65534;
  test.each([
    ['it is now a link', '/srv/site/kept', '/srv/site/kept'],
    ['a folder above it, in a folder of another user, is now a link', '/srv/site/above/kept', '/srv/site/above'],
  ])('%s: nothing behind the link changes', (_, path, link) => {
    host.write('/secret/kept/file', 'x', 0o600);
    chmodSync(at('/secret'), 0o700);
    host.write('/srv/site/file', '');
    chownSync(at('/srv/site'), nobody, nobody);
    const plan = host.plan(directory(at(path), { owner: 'nobody', group: 'nogroup', mode: '0777' }));
    symlinkSync(at('/secret'), at(link));
    const result = host.run(plan);
    expect(result.code).toBe(5);
    expect(result.journal.join()).toMatch(/is not a folder, or is a link that somebody else may have created/);
    expect([lstatSync(at('/secret')).uid, mode('/secret'), lstatSync(at('/secret/kept')).uid]).toEqual([0, '700', 0]);
  });

  test('links that only root can have created are followed, and missing folders are created', () => {
    host.write('/data/file', '');
    chmodSync(host.root, 0o755);
    symlinkSync(at('/data'), at('/srv'));
    expect(host.run(host.plan(directory(at('/srv/a/b'), { owner: 'nobody', mode: '0750', group: 'nogroup' }))).code).toBe(0);
    expect([lstatSync(at('/data/a')).uid, mode('/data/a'), lstatSync(at('/data/a/b')).uid, mode('/data/a/b')]).toEqual([
      0,
      '755',
      nobody,
      '750',
    ]);
  });
});

asRoot('a run that cannot start', () => {
  test('if another run holds the lock: exit code 3, with the name of that run', () => {
    host.write('/run/foobar-provision-locks/run', 'other-run\n');
    const result = host.run(host.plan(file(at('/a'), { content: '' })), {}, ['flock', at('/run/foobar-provision-locks/run')]);
    expect(result).toEqual({ code: 3, stderr: expect.stringContaining('other-run'), journal: ['end busy other-run'] });
    expect(existsSync(at('/a'))).toBe(false);
    expect(host.text('/run/foobar-provision-locks/run')).toBe('other-run\n');
  });

  test('if the host has changed since the plan was made', () => {
    const plan = host.plan(file(at('/a'), { content: '' }));
    expect(host.run(plan, { base: 'none' }).code).toBe(0);
    expect(host.run(plan, { base: 'none', id: 'run-2' })).toMatchObject({ code: 1, journal: ['end stale'] });
  });
});

/** Only root can create mount namespaces. */
const canShadow = spawnSync('unshare', ['-m', 'true']).status === 0;

describe.skipIf(!canShadow)('a checker', () => {
  const wanted = (content: string) => {
    const check = sh`grep -qx good ${at('/etc/odd/a')} || { echo 'a is not good' >&2; exit 4; }`;
    const notify = { ...note('odd'), checker: { name: 'odd -t', roots: [at('/etc/odd')], command: check } };
    return [file(at('/etc/odd/a'), { content, notify }), file(at('/etc/odd/b'), { content: 'b' })];
  };

  test('that fails stops the run before anything is live', () => {
    host.write('/etc/odd/a', 'good\n');
    const { code, journal } = host.run(host.plan(...wanted('bad')));
    expect(code).toBe(5);
    expect(journal.slice(1)).toEqual(['check odd -t', 'fail check odd -t 4', 'err a is not good', 'end rolled-back']);
    expect(host.text('/etc/odd/a')).toBe('good\n');
    expect(host.tree('/etc/odd')).toEqual(['a']);
    // No service has seen the changes, so none is reloaded, not even one whose pre-existing configuration is broken.
    expect(notes()).toEqual([]);
    expect(host.remembered()).toEqual({ others: [], pendingHandlers: [] });
  });

  test('that fails keeps the pending handlers and the record of an earlier, interrupted run', () => {
    host.write('/etc/odd/a', 'old\n');
    const cut = host.plan(...wanted('good'), step('cut', sh`kill -9 $$`));
    expect(host.run(cut).code).toBe(null);
    const left = host.remembered();
    expect(left).toMatchObject({ pending: { name: 'foobar.com' }, pendingHandlers: ['reload:odd'] });
    expect(
      host.run(host.plan(...wanted('bad'), command('more', { run: sh`:`, unless: sh`false`, notify: [note('more')] })), { id: 'run-2' })
        .code,
    ).toBe(5);
    expect(host.remembered()).toEqual(left);
  });

  test('sees the staged files in place, and nobody else does', () => {
    host.write('/etc/odd/a', 'bad\n');
    expect(host.run(host.plan(...wanted('good'))).code).toBe(0);
    expect(host.tree('/etc/odd')).toEqual(['a', 'b']);
    expect(notes()).toEqual(['odd']);
  });
});

asRoot('releases', () => {
  const links = ['uploads', 'var/cache', '.env'];
  const wantedAt = (home: string, digest: string, writable: readonly string[] = []) =>
    release(`${home}/releases/${digest}`, {
      digest,
      site: home.slice(home.lastIndexOf('/') + 1),
      live: `${home}/current`,
      shared: `${home}/shared`,
      links,
      writable,
      user: 'root',
    });
  const arrive = (id: string, paths: readonly string[]) => {
    const arrival = `/var/lib/foobar-provision/incoming/${id}`;
    for (const path of paths) host.write(`${arrival}/files/${path}`, id);
    host.write(
      `${arrival}/list`,
      [...paths]
        .sort()
        .map((path) => `${path}\0f\0${'0'.repeat(64)}\n`)
        .join(''),
    );
    host.write(`${arrival}/release.json`, '{}\n');
  };
  const publish = (id: string, number: number) => {
    arrive(id, ['index.php', 'uploads/sample', 'var/other']);
    const home = at('/srv');
    const wanted = [directory(`${home}/shared`), wantedAt(home, id), live(`${home}/current`, { release: id, keep: 2 })];
    return host.run(host.plan(...wanted), { id: `run-${number}` });
  };

  test('are complete, share their shared paths, and are pruned except for the live one and those before it', () => {
    expect(publish('aaa', 1).journal.at(-1)).toBe('end ok');
    host.write('/srv/shared/uploads/mine', 'mine');
    expect(publish('bbb', 2).journal.at(-1)).toBe('end ok');
    expect(publish('ccc', 3).journal.at(-1)).toBe('end ok');
    expect(readlinkSync(at('/srv/current'))).toBe('releases/ccc');
    expect(host.tree('/srv/releases').filter((path) => !path.includes('/'))).toEqual(['bbb', 'ccc']);
    expect([host.text('/srv/current/index.php'), host.text('/srv/current/uploads/mine'), host.text('/srv/current/uploads/sample')]).toEqual(
      ['ccc', 'mine', 'aaa'],
    );
    expect(links.map((link) => readlinkSync(at(`/srv/current/${link}`)))).toEqual([
      at('/srv/shared/uploads'),
      at('/srv/shared/var/cache'),
      at('/srv/shared/.env'),
    ]);
    expect(host.text('/srv/current/var/other')).toBe('ccc');
    expect(host.text('/srv/current/.env')).toBe('');
    expect(host.tree('/srv/current/var/cache')).toEqual([]);
  });

  test('whose run fails are kept for inspection, and their uploads are removed', () => {
    arrive('aaa', ['index.php']);
    const wanted = [directory(at('/srv/shared')), wantedAt(at('/srv'), 'aaa'), step('fails', sh`exit 9`, sh`:`)];
    expect(host.run(host.plan(...wanted)).journal.at(-1)).toBe('end rolled-back');
    expect(host.text('/srv/releases/aaa.failed/index.php')).toBe('aaa');
    expect(host.tree('/var/lib/foobar-provision/incoming')).toEqual([]);
  });

  test('that are no longer live stay as long as a request may be in progress in them', () => {
    const releases = () => host.tree('/srv/releases').filter((path) => /^[a-z]+$/.test(path));
    publish('aaa', 1);
    symlinkSync('/run/one.sock', at('/srv/releases/aaa.sock'));
    // It is old, but stopped being live only now.
    lutimesSync(at('/srv/releases/aaa.sock'), 1, 1);
    const left = '/var/lib/foobar-provision/releases/srv/left';
    publish('bbb', 2);
    publish('ccc', 3);
    expect(releases()).toEqual(['aaa', 'bbb', 'ccc']);
    // It stopped being live before the last boot, so no request is in progress in it.
    host.write(left, host.text(left).replace(/^\S+/, 'another-boot'));
    publish('ddd', 4);
    expect([releases(), existsSync(at('/srv/releases/aaa.sock'))]).toEqual([['ccc', 'ddd'], false]);
  });

  test.each([
    ['a day', 86_400],
    ['a year', 31_536_000],
    ['1970', Date.now() / 1000],
  ])('stay if they are live or were live before, with a clock set back to %s', (_, seconds) => {
    const releases = () => host.tree('/srv/releases').filter((path) => !path.includes('/'));
    const then = Date.now() / 1000 - seconds;
    publish('aaa', 1);
    publish('bbb', 2);
    const ahead = Date.now() / 1000 + 86_400;
    for (const id of ['aaa', 'bbb']) utimesSync(at(`/srv/releases/${id}`), ahead, ahead);
    publish('ccc', 3);
    utimesSync(at('/srv/releases/ccc'), then, then);
    // A folder that a killed run has left does not count as a release.
    host.write('/srv/releases/zzz/index.php', 'never live');
    utimesSync(at('/srv/releases/zzz'), ahead, ahead);
    publish('ddd', 4);
    expect([readlinkSync(at('/srv/current')), releases()]).toEqual(['releases/ddd', ['ccc', 'ddd']]);
    expect(host.text('/var/lib/foobar-provision/releases/srv/history')).toBe('3 ccc\n4 ddd\n');
  });

  test('a run is kept, of ten at most, even if earlier runs have times in the future', () => {
    const ahead = Date.now() / 1000 + 31_536_000;
    for (let each = 0; each < 12; each += 1) {
      const old = host.folder(`old-${each}`);
      host.write(`/var/lib/foobar-provision/runs/old-${each}/journal`, 'end\tok\n');
      utimesSync(old, ahead + each, ahead + each);
    }
    expect(publish('aaa', 1).journal.at(-1)).toBe('end ok');
    const runs = new Set(host.tree('/var/lib/foobar-provision/runs').map((path) => path.split('/')[0]));
    expect([runs.size, [...runs].filter((name) => !name?.startsWith('old-')).length]).toEqual([10, 1]);
  });

  test('leave a link to what was served before, which a failed run restores', () => {
    const home = at('/srv');
    const served = (id: string) => [
      directory(`${home}/shared`),
      wantedAt(home, id),
      live(`${home}/current`, { release: id, keep: 3, docroot: '.' }),
    ];
    const run = (id: string, ...more: readonly Resource[]) => {
      arrive(id, ['index.php', 'uploads/sample', 'var/other']);
      return host.run(host.plan(...served(id), ...more), { id: `run-${id}` }).journal.at(-1);
    };
    const links = () =>
      ['live/files', 'docroot', 'previous'].map(
        (name) => existsSync(at(`/srv/${name}`)) && relative(realpathSync(at('/srv')), realpathSync(at(`/srv/${name}`))),
      );
    const fails = step('fails', sh`exit 9`, sh`:`);
    expect([run('aaa'), links()]).toEqual(['end ok', ['releases/aaa', 'releases/aaa', false]]);
    expect([run('bbb', fails), links()]).toEqual(['end rolled-back', ['releases/aaa', 'releases/aaa', false]]);
    expect([run('bbb'), links()]).toEqual(['end ok', ['releases/bbb', 'releases/bbb', 'releases/aaa']]);
    expect([run('ccc', fails), links()]).toEqual(['end rolled-back', ['releases/bbb', 'releases/bbb', 'releases/aaa']]);
    expect([run('ccc'), links()]).toEqual(['end ok', ['releases/ccc', 'releases/ccc', 'releases/bbb']]);
  });

  test('are recorded as before if the run that switched fails', () => {
    publish('aaa', 1);
    const record = () => ['live.json', 'needs'].map((name) => host.text(`/var/lib/foobar-provision/releases/srv/aaa/${name}`));
    const before = record();
    const home = at('/srv');
    const other = live(`${home}/current`, { release: 'aaa', keep: 2, docroot: '.', needs: packages('php8.4-fpm') });
    const wanted = (...more: readonly Resource[]) => host.plan(directory(`${home}/shared`), wantedAt(home, 'aaa'), other, ...more);
    expect(host.run(wanted(step('fails', sh`exit 9`, sh`:`)), { id: 'run-2' }).journal.at(-1)).toBe('end rolled-back');
    expect(record()).toEqual(before);
    expect(host.run(wanted(), { id: 'run-3' }).journal.at(-1)).toBe('end ok');
    expect(record()).toEqual([expect.stringContaining('"docroot":"."'), 'package:php8.4-fpm\n']);
  });

  test('are in the same order as before if the run that switched fails', () => {
    publish('aaa', 1);
    publish('bbb', 2);
    const before = host.text('/var/lib/foobar-provision/releases/srv/history');
    arrive('ccc', ['index.php', 'uploads/sample', 'var/other']);
    const home = at('/srv');
    const wanted = [directory(`${home}/shared`), wantedAt(home, 'ccc'), live(`${home}/current`, { release: 'ccc', keep: 2 })];
    expect(host.run(host.plan(...wanted, step('fails', sh`exit 9`, sh`:`)), { id: 'run-3' }).journal.at(-1)).toBe('end rolled-back');
    expect([readlinkSync(at('/srv/current')), host.text('/var/lib/foobar-provision/releases/srv/history')]).toEqual([
      'releases/bbb',
      before,
    ]);
  });

  test('are pruned by the next run if one was interrupted after its switch', () => {
    publish('aaa', 1);
    publish('bbb', 2);
    arrive('ccc', ['index.php', 'uploads/sample', 'var/other']);
    const home = at('/srv');
    const wanted = [directory(`${home}/shared`), wantedAt(home, 'ccc'), live(`${home}/current`, { release: 'ccc', keep: 2 })];
    expect(host.run(host.plan(...wanted, step('cut', sh`kill -9 $$`)), { id: 'run-3' }).code).toBe(null);
    const releases = () => host.tree('/srv/releases').filter((path) => !path.includes('/'));
    expect([readlinkSync(at('/srv/current')), releases()]).toEqual(['releases/ccc', ['aaa', 'bbb', 'ccc']]);
    expect(host.run(host.plan(...wanted), { id: 'run-4' }).code).toBe(0);
    expect(releases()).toEqual(['bbb', 'ccc']);
    expect(host.tree('/var/lib/foobar-provision').filter((path) => /^(prune|incoming\/)/.test(path))).toEqual([]);
  });

  test('share equal files, so one that somebody has changed is repaired in both', () => {
    const one = wantedAt(at('/srv'), 'aaa');
    publish('aaa', 1);
    publish('bbb', 2);
    // As a deploy leaves it: one file in two releases, and the record of each as it was filled.
    const list = (id: string) => `/var/lib/foobar-provision/releases/srv/${id}/list`;
    rmSync(at('/srv/releases/bbb/var/other'));
    linkSync(at('/srv/releases/aaa/var/other'), at('/srv/releases/bbb/var/other'));
    host.write('/srv/releases/aaa/var/other', 'spoilt, and longer');
    expect(host.text('/srv/releases/bbb/var/other')).toBe('spoilt, and longer');
    expect(host.text(list('aaa'))).toBe(host.text(list('bbb')));
    arrive('aaa', ['index.php', 'uploads/sample', 'var/other']);
    expect(host.run(host.plan(one), { id: 'run-5' }).code).toBe(0);
    expect(['aaa', 'bbb'].map((id) => host.text(`/srv/releases/${id}/var/other`))).toEqual(['aaa', 'aaa']);
    expect(host.plan(one, wantedAt(at('/srv'), 'bbb'))).toMatchObject({ changes: [] });
  });

  test('with writable folders have copies of these files, and the originals are kept for the next release', () => {
    arrive('aaa', ['cache/seed', 'index.php', 'uploads/sample']);
    const home = at('/srv');
    const wanted = [directory(`${home}/shared`), wantedAt(home, 'aaa', ['cache', 'tmp/new'])];
    expect(host.run(host.plan(...wanted)).journal.at(-1)).toBe('end ok');
    const record = '/var/lib/foobar-provision/releases/srv/aaa';
    expect(host.tree(`${record}/apart.d`)).toEqual(['cache', 'cache/seed', 'tmp', 'uploads', 'uploads/sample', 'var']);
    expect(lstatSync(at('/srv/releases/aaa/cache/seed')).ino).not.toBe(lstatSync(at(`${record}/apart.d/cache/seed`)).ino);
    expect(existsSync(at('/srv/releases/aaa/tmp/new'))).toBe(true);
    host.write('/srv/releases/aaa/cache/seed', 'written by PHP');
    host.write('/srv/releases/aaa/cache/more', 'written by PHP');
    expect(host.plan(...wanted)).toMatchObject({ changes: [] });
  });

  test('whose files somebody has edited are repaired file by file, and reverted if the run fails', () => {
    publish('aaa', 1);
    const wanted = wantedAt(at('/srv'), 'aaa');
    expect(host.plan(wanted)).toMatchObject({ changes: [] });
    host.write('/srv/releases/aaa/index.php', 'edited');
    rmSync(at('/srv/releases/aaa/var/other'));
    const plan = host.plan(wanted);
    expect(plan.changes.map(({ summary }) => summary)).toEqual(['2 files edited: index.php, var/other']);
    arrive('aaa', ['index.php', 'uploads/sample', 'var/other']);
    const failing = host.plan(wanted, step('fails', sh`false`));
    expect(host.run(failing, { id: 'run-2' }).code).toBe(5);
    expect(host.text('/srv/releases/aaa/index.php')).toBe('edited');
    arrive('aaa', ['index.php', 'uploads/sample', 'var/other']);
    expect(host.run(host.plan(wanted), { id: 'run-3' }).journal.at(-1)).toBe('end ok');
    expect([host.text('/srv/releases/aaa/index.php'), host.text('/srv/releases/aaa/var/other')]).toEqual(['aaa', 'aaa']);
    expect(host.text('/var/lib/foobar-provision/runs/run-3/kept/1/index.php')).toBe('edited');
    expect(host.plan(wanted)).toMatchObject({ changes: [] });
  });

  test('of two sites may have the same files', () => {
    arrive('aaa', ['uploads/sample']);
    const homes = ['/srv/one', '/srv/two'].map(at);
    const wanted = homes.flatMap((home) => [
      directory(`${home}/shared`),
      wantedAt(home, 'aaa'),
      live(`${home}/current`, { release: 'aaa', keep: 2 }),
    ]);
    expect(host.run(host.plan(...wanted)).journal.at(-1)).toBe('end ok');
    expect(['/srv/one', '/srv/two'].map((home) => host.text(`${home}/current/uploads/sample`))).toEqual(['aaa', 'aaa']);
    expect(host.tree('/var/lib/foobar-provision/incoming')).toEqual([]);
  });

  test('that were not uploaded change nothing', () => {
    publish('aaa', 1);
    const plan = host.plan(wantedAt(at('/srv'), 'bbb'), live(at('/srv/current'), { release: 'bbb', keep: 2 }));
    const { code, journal } = host.run(plan, { id: 'run-2' });
    expect(code).toBe(5);
    expect(journal).toContain(`err The application's files did not arrive in ${at('/var/lib/foobar-provision/incoming/bbb')}.`);
    expect(readlinkSync(at('/srv/current'))).toBe('releases/aaa');
  });
});
