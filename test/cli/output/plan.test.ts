import './plain.ts';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/output/layout.ts';
import { type PlanDetail, planText } from '../../../src/cli/output/plan.ts';
import { sh } from '../../../src/command/command.ts';
import type { Change, Plan } from '../../../src/engine/plan.ts';
import { parseName } from '../../../src/engine/resource-id.ts';

function change(resource: string, given: Partial<Change> = {}): Change {
  return {
    resource: parseName(resource),
    action: 'create',
    summary: 'create, mode 0644',
    step: { kind: 'plain', apply: sh`true` },
    playbook: 'php',
    reason: 'new',
    phase: 'files',
    effects: [],
    notify: [],
    shell: [],
    ...given,
  };
}

function plan(changes: readonly Change[], given: Partial<Plan> = {}): Plan {
  return {
    name: 'foobar.com',
    changes,
    handlers: [],
    clearedHandlers: [],
    refused: [],
    checked: 48,
    before: {},
    manifest: { schema: 1, name: 'foobar.com', version: '0', resources: {}, handlers: {} },
    remarks: [],
    playbooks: ['php'],
    parts: [],
    ...given,
  };
}

const parts = { detail: 'parts', width: 80 } as const;
const resources = { ...parts, detail: 'resources' } as const;

describe('planText', () => {
  it('says that nothing has to be changed', () => {
    expect(planText(plan([]), parts)).toBe('Nothing to change: 48 resources are as they should be.');
  });

  it('has a line for each part, with what is installed, counted, changed and run', () => {
    const changes = [
      ...['fpm', 'gd', 'intl', 'mbstring'].map((name) => change(`package:php8.4-${name}`)),
      change('directory:/srv/www', { effects: [{ kind: 'fetches', packages: 106, bytes: 66.4e6 }] }),
      change('directory:/srv/www/foobar.com'),
      change('file:/etc/php/pool.conf'),
      change('service:php8.4-fpm', { action: 'update', reason: 'update', summary: 'keep stopped' }),
      change('package:nginx', { playbook: 'nginx' }),
      change('symlink:/etc/nginx/sites-enabled/foobar.com.conf', { playbook: 'nginx' }),
      change('mysql-time-zones:zoneinfo', { playbook: 'mysql' }),
      change('mysql-database:foobar_com', { playbook: 'mysql' }),
      change('migrations:foobar_com', { playbook: 'mysql', action: 'run' }),
      change('migrations:foobar_com', { playbook: 'mysql', action: 'run' }),
      change('cronjob:backup', { playbook: 'own' }),
      change('cronjob:report', { playbook: 'own' }),
    ];
    const handlers = [
      { verb: 'reload', summary: 'reload nginx', unit: 'nginx', command: sh`true`, playbook: 'nginx', pending: false },
    ] as const;
    expect(planText(plan(changes, { handlers, playbooks: ['php', 'nginx', 'mysql', 'own'] }), parts).split('\n')).toEqual([
      '~ php    install 4 packages, 2 folders, 1 file; change 1 service',
      '+ nginx  install nginx, 1 link; reload nginx',
      '~ mysql  1 set of time zones, 1 database; run 2 migrations',
      '+ own    2 cronjobs',
      '17 changes (15 new, 1 update, 1 service to reload or restart), 48 resources',
      'compared. 106 packages to fetch, 66.4 MB.',
    ]);
  });

  it('names the only change of a part', () => {
    const only = change('file:/etc/nginx/nginx.conf', { action: 'update', reason: 'update', summary: 'content' });
    expect(planText(plan([only]), parts)).toContain('~ php  file:/etc/nginx/nginx.conf  content\n');
  });

  it('shows drift, removals and what an interrupted run has left undone in full, below the line of their part', () => {
    const drift = { action: 'update', reason: 'drift', summary: 'mode 0777 -> 0755' } as const;
    const changes = [
      change('file:/etc/new'),
      change('file:/etc/newer'),
      ...Array.from({ length: 60 }, (_, index) => change(`directory:/srv/${index}`, drift)),
      change('file:/etc/old', { action: 'remove', summary: 'remove' }),
      change('file:/etc/late', { reason: 'pending' }),
    ];
    const lines = planText(plan(changes), parts).split('\n');
    expect(lines.slice(0, 2)).toEqual(['+ php  2 files', '  ~ directory:/srv/0  mode 0777 -> 0755  (drift)']);
    expect(lines.slice(60, 63)).toEqual([
      '  ~ directory:/srv/59  mode 0777 -> 0755  (drift)',
      '  - file:/etc/old  remove',
      '  + file:/etc/late  create, mode 0644  (pending)',
    ]);
  });

  it('lists every change separately on request', () => {
    const text = planText(plan([change('directory:/srv/www'), change('directory:/srv/x')]), resources);
    expect(text).toContain('php\n  + directory:/srv/www  create, mode 0644\n  + directory:/srv/x  create, mode 0644\n');
  });

  it.each<[string, 'drift' | 'update', PlanDetail, boolean]>([
    ['that somebody has changed', 'drift', 'parts', true],
    ['that somebody has changed', 'drift', 'resources', true],
    ['that the configuration has changed', 'update', 'parts', false],
    ['that the configuration has changed', 'update', 'resources', false],
    ['that the configuration has changed', 'update', 'diffs', true],
  ])('of a file %s (%s, %s): shows the diff: %s', (_, reason, detail, shown) => {
    const text = planText(plan([change('file:/etc/motd', { action: 'update', reason, diff: '@@ -1 +1 @@\n-one\n+two' })]), {
      ...parts,
      detail,
    });
    expect(text.includes('      @@ -1 +1 @@\n      -one\n      +two\n')).toBe(shown);
  });

  it('shortens a long diff unless all is asked for', () => {
    const diff = Array.from({ length: 50 }, (_, index) => `+line ${index}`).join('\n');
    const long = plan([change('file:/etc/motd', { action: 'update', reason: 'drift', diff })]);
    expect(planText(long, parts)).toContain('… 10 more lines; -vv shows all');
    expect(planText(long, { ...parts, detail: 'diffs' })).toContain('+line 49');
  });

  it.each<PlanDetail>(['parts', 'resources'])('stays within the width, and continues below the name (%s)', (detail) => {
    const long = change('symlink:/etc/nginx/sites-enabled/foobar-default.conf', {
      action: 'remove',
      summary: 'remove the link to ../sites-available/foobar-default.conf',
    });
    const lines = planText(plan([long, ...Array.from({ length: 12 }, (_, index) => change(`kind${index}:x`))]), { ...parts, detail }).split(
      '\n',
    );
    expect(lines.map(columnsOf).filter((columns) => columns > 80)).toEqual([]);
    const at = lines.findIndex((line) => line.includes('- symlink:'));
    expect(lines.slice(at, at + 2)).toEqual([
      '  - symlink:/etc/nginx/sites-enabled/foobar-default.conf',
      '      remove the link to ../sites-available/foobar-default.conf',
    ]);
  });

  it('names data that is kept, and services whose reload is pending', () => {
    const text = planText(
      plan([change('file:/etc/nginx/nginx.conf', { action: 'update', reason: 'update' })], {
        refused: [change('mysql-database:foobar_com', { action: 'remove', summary: 'drop' })],
        handlers: [{ verb: 'reload', summary: 'reload nginx', unit: 'nginx', command: sh`true`, playbook: 'php', pending: true }],
      }),
      parts,
    );
    expect(text).toContain('  ↻ reload nginx  (pending since an interrupted run)\n');
    expect(text).toContain('kept\n  ! mysql-database:foobar_com\n      drop: it holds data, so it is kept');
    expect(text).toContain('2 changes (1 update, 1 service to reload or restart), 48 resources compared.');
  });
});
