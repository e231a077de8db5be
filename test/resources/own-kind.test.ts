import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compare, type Plan, withRemovals } from '../../src/engine/plan.ts';
import { gather } from '../../src/engine/playbook.ts';
import { render } from '../../src/engine/render.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { definitionsOf } from '../../src/engine/shell-library.ts';
import { defineKind, definePlaybook, type Playbook, Problem, sh, shellLibrary } from '../../src/index.ts';
import { kinds, kindsOf } from '../../src/resources/index.ts';
import { type Stage, stage } from '../engine/rehearsal.ts';
import { config } from '../playbooks/configs.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';
import { changes, gone, reading } from './table.ts';

const jobs = shellLibrary(
  'jobs',
  `# write_job TABLE NAME [LINE]: its line in the table, or none
write_job() {
  { grep -v "# $2\\$" "$1" || true; [ $# = 2 ] || printf '%s # %s\\n' "$3" "$2"; } | rewrite_synced "$1"
}
`,
);

/** The jobs in a crontab, one on each line, as a user of this package would write the kind. */
function cronjobs(table: string) {
  return defineKind<{ readonly line?: string }, string>({
    name: 'cronjob',
    phase: 'state',
    check: (name) => {
      if (!/^[a-z-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for a job`);
      return name;
    },
    shell: { run: [jobs] },
    absent: () => ({}),
    read: () => sh`cat ${table} 2>/dev/null`,
    parse: (output) => new Map([...output.matchAll(/^(.*) # ([a-z-]+)$/gm)].map(([, line = '', name = '']) => [name, line])),
    diff: (name, { line }, current) => {
      if (line === current) return [];
      const write = (text: string | undefined) => sh`write_job ${[table, name, ...(text === undefined ? [] : [text])]}`;
      const how = { step: { kind: 'plain', apply: write(line) }, undo: write(current) } as const;
      if (line === undefined) return [{ action: 'remove', phase: 'removal', summary: 'remove', ...how }];
      return [{ action: current === undefined ? 'create' : 'update', summary: line, ...how }];
    },
  });
}

describe('a kind that a playbook defines', () => {
  const kind = cronjobs('/etc/jobs');
  const backup = kind.resource('backup', { line: '5 4 * * * backup' });

  test.each([
    ['new', backup, '', [['create', "write_job /etc/jobs backup '5 4 * * * backup'", 'write_job /etc/jobs backup']]],
    [
      'another',
      backup,
      '1 1 * * * b # backup\n',
      [['update', "write_job /etc/jobs backup '5 4 * * * backup'", "write_job /etc/jobs backup '1 1 * * * b'"]],
    ],
    ['as desired', backup, '5 4 * * * backup # backup\n', []],
    ['gone', gone(kind, 'backup'), 'b # backup\n', [['remove', 'write_job /etc/jobs backup', 'write_job /etc/jobs backup b']]],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(kind, resource, output).map(({ action, apply, undo }) => [action, apply, undo])).toEqual(expected);
  });

  test('has one reader, and rejects an invalid identity', () => {
    expect(reading(kind, backup)).toBe('cat /etc/jobs 2>/dev/null');
    expect(() => kind.resource('Backup', {})).toThrow('"Backup" is not a valid name for a job');
    expect(() => gone(kind, '../x')).toThrow('"../x" is not a valid name for a job');
  });
});

describe('on a host', () => {
  let host: Stage;
  beforeEach(() => {
    host = stage();
    host.write('/etc/jobs', '1 1 * * * theirs # theirs\n');
  });
  afterEach(() => host.end());

  /** Returns what is to be created and removed on the host for these playbooks. */
  function planned(all: ReturnType<typeof kindsOf>, playbooks: readonly Playbook[]): Plan {
    const remembered = host.remembered();
    const desired = gather(playbooks, viewOf(config(), trixie));
    const known = withRemovals(desired, remembered, all).map(({ resource }) => resource);
    const outputs = new Map(
      [...all.values()].map((kind) => {
        const own = known.filter((resource) => resource.kind === kind.name);
        return [kind.name, own.length === 0 ? '' : host.read(`${definitionsOf(kind.shell.read).text}\n${kind.read(own, trixie).text}`)];
      }),
    );
    return compare({
      name: 'foobar.com',
      version: '1',
      desired,
      remembered,
      kinds: all,
      outputs,
      facts: trixie,
      allowDestroy: false,
    });
  }

  test('it is applied, found as desired, and removed', () => {
    const kind = cronjobs(`${host.root}/etc/jobs`);
    const playbook = definePlaybook({ name: 'jobs', kinds: [kind], resources: () => [kind.resource('backup', { line: '5 4 * * * b' })] });
    const all = kindsOf([playbook]);
    const plan = planned(all, [playbook]);
    expect(plan.changes.map(({ resource, reason }) => [nameOf(resource), reason])).toEqual([['cronjob:backup', 'new']]);
    expect(render(plan, { id: 'i', base: 'any' })).toContain(jobs.definitions().text);
    expect(host.run(plan).journal.at(-1)).toBe('end ok');
    expect(host.text('/etc/jobs')).toBe('1 1 * * * theirs # theirs\n5 4 * * * b # backup\n');
    expect(planned(all, [playbook]).changes).toEqual([]);
    // Nothing is desired any more, and the kind is still listed.
    expect(host.run(planned(all, []), { id: 'run-2' }).journal.at(-1)).toBe('end ok');
    expect(host.text('/etc/jobs')).toBe('1 1 * * * theirs # theirs\n');
  });
});

describe('the kinds', () => {
  const kind = cronjobs('/etc/jobs');
  const bringing = (name: string, ...own: NonNullable<Playbook['kinds']>) => definePlaybook({ name, kinds: own, resources: () => [] });

  test('are those of this program and of playbooks, of which two may list the same', () => {
    expect([...kindsOf([bringing('a', kind), bringing('b', kind)]).keys()]).toEqual([...kinds.keys(), 'cronjob']);
  });

  test.each([
    ['one of this program', [bringing('a', { ...kind, name: 'file' })], 'The playbook "a" defines a kind of resource named "file"'],
    [
      'one of another playbook',
      [bringing('a', kind), bringing('b', cronjobs('/x'))],
      'The playbook "b" defines a kind of resource named "cronjob"',
    ],
  ])('a name that is taken is a Problem: %s', (_, playbooks, expected) => {
    expect(() => kindsOf(playbooks)).toThrow(Problem);
    expect(() => kindsOf(playbooks)).toThrow(expected);
  });

  test('a name consists of lower-case letters', () => {
    const { name: _, ...rest } = {
      name: '',
      phase: 'state',
      read: () => sh`:`,
      parse: () => new Map<string, true>(),
      diff: () => [],
    } as const;
    expect(() => defineKind({ ...rest, name: 'Cron:Job' })).toThrow('"Cron:Job" is not a valid name for a kind');
  });

  test('a resource of a kind that no playbook lists is a Problem', () => {
    const desired = [{ playbook: 'p', resource: kind.resource('backup', {}) }];
    const input = {
      name: 'n',
      version: '1',
      remembered: { others: [], pendingHandlers: [] },
      kinds,
      outputs: new Map(),
      facts: trixie,
      allowDestroy: false,
    };
    expect(() => compare({ ...input, desired })).toThrow(
      'The playbook "p" lists cronjob:backup, but no playbook provides the resource kind "cronjob".',
    );
  });

  test('two libraries that define the same function are a Problem', () => {
    expect(() => definitionsOf([jobs, shellLibrary('more', 'write_job() {\n  :\n}\n')])).toThrow(
      'The shell libraries "jobs" and "more" both define the function write_job.',
    );
  });
});
