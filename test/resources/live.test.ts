import { describe, expect, test } from 'vitest';
import { type Answering, live, liveKind } from '../../src/resources/live.ts';
import { service } from '../../src/resources/service.ts';
import { changes, gone, reading } from './table.ts';

const path = '/srv/www/foobar.com/current';
const releases = '/srv/www/foobar.com/releases';
const record = (text: unknown) => `record_release ${path} bbb '' '${JSON.stringify(text)}'\n`;
const unrecord = `\nrestore_release_record ${path} bbb`;

describe('live files', () => {
  const link = live(path, { release: 'bbb', keep: 5 });
  const apply = `${record([[], { state: 'present', release: 'bbb', keep: 5 }])}switch_release ${path} releases/bbb '' 5 ''`;

  test.each([
    ['are this release', link, `releases/bbb\t${path}\n`, []],
    ['do not exist yet', link, '', [{ action: 'create', summary: 'bbb', apply, undo: `undo_first_switch ${path}${unrecord}` }]],
    [
      'are another release',
      link,
      `releases/aaa\t${path}\n`,
      [{ action: 'update', summary: 'aaa -> bbb', apply, undo: `switch_release ${path} releases/aaa '' 0 ''${unrecord}` }],
    ],
    [
      'were served by another instance before',
      link,
      `releases/bbb\t${path}\n/run/1.sock\t${releases}/bbb.sock\n`,
      [{ action: 'update', summary: '1 -> nothing', apply, undo: `switch_release ${path} releases/bbb /run/1.sock 0 ''${unrecord}` }],
    ],
    [
      'are to be removed',
      gone(liveKind, path),
      `releases/aaa\t${path}\n/run/1.sock\t${releases}/aaa.sock\n`,
      [
        {
          action: 'remove',
          summary: 'unlink the live release',
          apply: `rm -rf -- ${path} ${['live', 'served', 'docroot', 'previous'].map((name) => `/srv/www/foobar.com/${name}`).join(' ')}`,
          undo: `switch_release ${path} releases/aaa /run/1.sock 0 ''`,
        },
      ],
    ],
    ['have gone', gone(liveKind, path), '', []],
    ['are not a link', link, `\t${path}\n`, [expect.objectContaining({ action: 'update', summary: 'no link -> bbb' })]],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(liveKind, resource, output)).toEqual(expected);
  });

  const served = '/srv/www/foobar.com/docroot';
  test.each([
    ['is served', '.', 'releases/bbb', []],
    ['is a folder of the release', 'public', 'releases/bbb/public', []],
    ['has moved', '.', 'releases/bbb/public', ["switch_release /srv/www/foobar.com/current releases/bbb '' 5 releases/bbb"]],
    ['is not linked yet', 'public', undefined, ["switch_release /srv/www/foobar.com/current releases/bbb '' 5 releases/bbb/public"]],
  ])('the docroot %s', (_, docroot, to, expected) => {
    const output = `releases/bbb\t${path}\nserved/bbb\t/srv/www/foobar.com/live\n${to ? `${to}\t${served}\n` : ''}`;
    const found = changes(liveKind, live(path, { release: 'bbb', keep: 5, docroot }), output);
    expect(found.map(({ apply }) => apply.split('\n').at(-1))).toEqual(expected);
    if (found.length > 0) expect(found[0]?.undo).toBe(`switch_release ${path} releases/bbb '' 0 ${to ?? "''"}${unrecord}`);
  });

  test('the link through which nginx reaches the release is restored', () => {
    const output = `releases/bbb\t${path}\nreleases/bbb\t${served}\nserved/aaa\t/srv/www/foobar.com/live\n`;
    const found = changes(liveKind, live(path, { release: 'bbb', keep: 5, docroot: '.' }), output);
    expect(found.map(({ apply }) => apply.split('\n').at(-1))).toEqual([`switch_release ${path} releases/bbb '' 5 releases/bbb`]);
  });

  const link2 = '/etc/nginx/foobar-rules/foobar.com/now';
  const ruled = live(path, { release: 'bbb', keep: 5, docroot: '.', rules: { link: link2, to: 'v2' } });
  const switched = `switch_release ${path} releases/bbb '' 5 releases/bbb ${link2} v2`;
  test.each([
    ['are those of the release', 'bbb', 'v2', []],
    ['change with the release, once nginx has accepted them', 'aaa', 'v1', [`check_rules ${link2} v2`, switched]],
    ['are the first, and there before nginx reads them', 'bbb', '', [`install_first_rules /srv/www/foobar.com ${link2} v2`, switched]],
  ])('the rules %s', (_, release, rules, expected) => {
    const output = `releases/${release}\t${path}\nserved/${release}\t/srv/www/foobar.com/live\nreleases/${release}\t${served}\n${rules ? `${rules}\t${link2}\n` : ''}`;
    const found = changes(liveKind, ruled, output);
    expect(found.map(({ apply }) => apply.split('\n').at(-1))).toEqual(expected);
    if (rules === 'v1') expect(found.at(-1)?.undo).toContain(` ${link2} v1\n`);
  });

  test('one process reads them all', () => {
    expect(reading(liveKind, link, live('/srv/b/current', { release: 'x', keep: 2 }))).toBe(
      `find ${path} /srv/www/foobar.com/live /srv/www/foobar.com/docroot ${releases} /srv/b/current /srv/b/live /srv/b/docroot /srv/b/releases -maxdepth 1 ! -type d -printf '%l\t%p\n' 2>/dev/null`,
    );
  });
});

describe('a live application', () => {
  const by: Answering = {
    socket: '/run/2.sock',
    protocol: 'fastcgi',
    scheme: 'http',
    host: 'www.foobar.com',
    docroot: 'public',
    paths: ['/', '/up'],
  };
  const unit = service('php-2', { running: true, enabled: true, path: '/etc/2/php-2.service' });
  const hooks = {
    user: 'web',
    environment: '/etc/2/environment',
    sandbox: ['ProtectHome=yes', 'ReadWritePaths=/a /b'],
    before: ['php artisan migrate'],
    after: ['echo "done"'],
  };
  const wanted = { release: 'bbb', keep: 5, by };
  const probe = `probe '' '' fastcgi /run/2.sock http www.foobar.com ${releases}/bbb/public ${releases}/bbb/public / /up\n`;
  const kept = (more: object) => record([[unit], { state: 'present', ...wanted, ...more }]);
  const switched = `switch_release ${path} releases/bbb /run/2.sock 5 ''`;
  const warm = `warm /run/1.sock /run/2.sock ${releases}/bbb ${path} ${releases}/aaa\n`;
  const back = (release: string) => `switch_release ${path} releases/${release} /run/1.sock 0 ''${unrecord}`;

  test.each([
    ['is as desired', {}, `releases/bbb\t${path}\n/run/2.sock\t${releases}/bbb.sock\n`, []],
    [
      'is health-checked before it gets requests',
      {},
      `releases/aaa\t${path}\n/run/1.sock\t${releases}/aaa.sock\n`,
      [{ action: 'update', summary: 'aaa -> bbb', apply: warm + probe + kept({}) + switched, undo: back('aaa') }],
    ],
    [
      'the first release has no earlier one to warm it from',
      {},
      '',
      [{ action: 'create', summary: 'bbb', apply: probe + kept({}) + switched, undo: `undo_first_switch ${path}${unrecord}` }],
    ],
    [
      'the same release with another instance runs no hooks',
      { hooks },
      `releases/bbb\t${path}\n/run/1.sock\t${releases}/bbb.sock\n`,
      [{ action: 'update', summary: '1 -> 2', apply: probe + kept({ hooks }) + switched, undo: back('bbb') }],
    ],
    [
      'has hooks around the switch',
      { hooks },
      `releases/aaa\t${path}\n/run/1.sock\t${releases}/aaa.sock\n`,
      [
        {
          action: 'run',
          summary: 'php artisan migrate',
          apply: `run_hook ${releases}/bbb web /etc/2/environment 'php artisan migrate' ProtectHome=yes 'ReadWritePaths=/a /b'`,
        },
        expect.objectContaining({ summary: 'aaa -> bbb' }),
        {
          action: 'run',
          summary: 'echo "done"',
          apply: `run_hook ${releases}/bbb web /etc/2/environment 'echo "done"' ProtectHome=yes 'ReadWritePaths=/a /b'`,
        },
      ],
    ],
  ])('%s', (_, more, output, expected) => {
    expect(changes(liveKind, live(path, { ...wanted, units: [unit], ...more }), output)).toEqual(expected);
  });

  test('a snapshot is taken before a hook that migrates, if the paths of its migrations differ', () => {
    const snapshot = { domain: 'a.test', release: 'bbb', database: 'a', user: 'b', secret: 'a.database', owner: 'web' };
    const migrate = { command: 'php artisan migrate', paths: ['migrations', 'composer.lock'], snapshot };
    const [hook] = changes(liveKind, live(path, { ...wanted, hooks: { ...hooks, migrate } }), `releases/aaa\t${path}\n`);
    expect(hook).toMatchObject({
      summary: 'php artisan migrate, after a snapshot of a if it has new migrations',
      apply: expect.stringMatching(
        new RegExp(`^snapshot_before_migrations ${path} 'migrations\ncomposer.lock' a.test bbb 3 b a.database a web\nrun_hook `),
      ),
    });
    const [first] = changes(liveKind, live(path, { ...wanted, hooks: { ...hooks, migrate } }), '');
    expect(first?.summary).toBe('php artisan migrate');
  });

  test('the errors that it has logged are shown if the check fails', () => {
    const told = live(path, { ...wanted, by: { ...by, errors: '/var/log/php/a/error.log' } });
    expect(changes(liveKind, told, '')[0]?.apply).toContain("probe /var/log/php/a/error.log '' fastcgi /run/2.sock");
  });

  test('the whole release may be served', () => {
    const whole = live(path, { ...wanted, by: { ...by, docroot: '.' } });
    expect(changes(liveKind, whole, '')[0]?.apply).toContain(`www.foobar.com ${releases}/bbb ${releases}/bbb / /up`);
  });

  test('an application that sees its releases at one path is checked, warmed, and has its hooks there', () => {
    const output = `releases/aaa\t${path}\n/run/1.sock\t${releases}/aaa.sock\n`;
    const found = changes(liveKind, live(path, { ...wanted, hooks, seenAt: path }), output);
    expect(found.map(({ apply }) => apply.split('\n').slice(0, 2))).toEqual([
      [`run_hook ${path} web /etc/2/environment 'php artisan migrate' ProtectHome=yes 'ReadWritePaths=/a /b'`],
      [
        `warm /run/1.sock /run/2.sock ${path} ${path} ${releases}/aaa`,
        `probe '' '' fastcgi /run/2.sock http www.foobar.com ${releases}/bbb/public ${path}/public / /up`,
      ],
      [`run_hook ${path} web /etc/2/environment 'echo "done"' ProtectHome=yes 'ReadWritePaths=/a /b'`],
    ]);
  });
});
