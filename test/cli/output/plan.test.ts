import './plain.ts';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/output/layout.ts';
import { planText } from '../../../src/cli/output/plan.ts';
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

const some = { all: false, width: 80 };

describe('planText', () => {
  it('says that nothing has to be changed', () => {
    expect(planText(plan([]), some)).toBe('Nothing to change: 48 resources are as they should be.');
  });

  it('lists the packages and folders that a bare host lacks on one line each, in their place, and everything else separately', () => {
    const changes = [
      change('package:php8.4-fpm', { summary: 'install 8.4', effects: [{ kind: 'fetches', packages: 106, bytes: 66.4e6 }] }),
      change('package:php8.4-gd', { summary: 'install 8.4' }),
      change('group:foobar_com', { summary: 'create' }),
      change('directory:/srv/www'),
      change('directory:/srv/www/foobar.com'),
      change('file:/etc/php/8.4/fpm/pool.d/www.conf', { action: 'remove', summary: 'remove the file of its package' }),
    ];
    expect(planText(plan(changes), some).split('\n')).toEqual([
      'php',
      '  + packages: php8.4-fpm php8.4-gd',
      '  + group:foobar_com  create',
      '  + directories: /srv/www /srv/www/foobar.com',
      '  - file:/etc/php/8.4/fpm/pool.d/www.conf  remove the file of its package',
      '6 changes (6 new), 48 resources compared. 106 packages to fetch, 66.4 MB.',
    ]);
  });

  it('lists every change separately on request', () => {
    const text = planText(plan([change('directory:/srv/www'), change('directory:/srv/x')]), { ...some, all: true });
    expect(text).toContain('  + directory:/srv/www  create, mode 0644\n  + directory:/srv/x  create, mode 0644\n');
  });

  it('never groups changes that restore what somebody has changed', () => {
    const drift = { action: 'update', reason: 'drift', summary: 'mode 0777 -> 0755' } as const;
    const text = planText(plan([change('directory:/srv/www', drift), change('directory:/srv/x', drift)]), some);
    expect(text).toContain('  ~ directory:/srv/www  mode 0777 -> 0755  (drift)\n  ~ directory:/srv/x  mode 0777');
  });

  it('shows ten of a thousand files, and the number of the others', () => {
    const text = planText(plan(Array.from({ length: 1000 }, (_, index) => change(`file:/srv/${index}`))), some);
    expect(text.split('\n')).toHaveLength(13);
    expect(text).toContain('… and 990 more of this kind; -v shows all');
  });

  it('shows the diff of a file below it', () => {
    const text = planText(plan([change('file:/etc/motd', { action: 'update', reason: 'drift', diff: '@@ -1 +1 @@\n-one\n+two' })]), some);
    expect(text).toContain('(drift)\n      @@ -1 +1 @@\n      -one\n      +two\n');
  });

  it('stays within the width, and continues below the name', () => {
    const long = change('symlink:/etc/nginx/sites-enabled/foobar-default.conf', {
      summary: 'link to ../sites-available/foobar-default.conf',
    });
    const many = Array.from({ length: 12 }, (_, index) => change(`package:php8.4-extension-${index}`));
    const lines = planText(plan([long, ...many]), some).split('\n');
    expect(lines.map(columnsOf).filter((columns) => columns > 80)).toEqual([]);
    expect(lines.slice(1, 3)).toEqual([
      '  + symlink:/etc/nginx/sites-enabled/foobar-default.conf',
      '      link to ../sites-available/foobar-default.conf',
    ]);
  });

  it('names data that is kept, and services that are reloaded', () => {
    const text = planText(
      plan([change('file:/etc/nginx/nginx.conf', { action: 'update', reason: 'update' })], {
        refused: [change('mysql-database:foobar_com', { action: 'remove', summary: 'drop' })],
        handlers: [{ verb: 'reload', summary: 'reload nginx', unit: 'nginx', command: sh`true`, playbook: 'php', pending: true }],
      }),
      some,
    );
    expect(text).toContain('  ↻ reload nginx  (pending since an interrupted run)\n');
    expect(text).toContain('kept\n  ! mysql-database:foobar_com\n      drop: it holds data, so it is kept');
    expect(text).toContain('1 change (1 update), 1 service to reload or restart, 48 resources compared.');
  });
});
