import { describe, expect, test } from 'vitest';
import { parseReleases } from '../../src/engine/releases.ts';
import { rollbackPlan } from '../../src/engine/rollback.ts';
import { kinds } from '../../src/resources/index.ts';
import { live } from '../../src/resources/live.ts';
import { service } from '../../src/resources/service.ts';
import { trixie } from '../playbooks/hosts.ts';

const unit = (id: string) => service(`php-${id}`, { running: true, enabled: true, path: `/etc/${id}/php-${id}.service` });
const by = (id: string) => ({
  socket: `/run/${id}.sock`,
  protocol: 'fastcgi' as const,
  scheme: 'http' as const,
  host: 'a.test',
  docroot: '.',
  paths: ['/'],
});
const record = (release: string, instance: string) =>
  JSON.stringify([[unit(instance)], live('/srv/www/a.test/current', { release, keep: 5, by: by(instance) }).attributes]);
const output = `#site a.test\treleases/bbb
#release\t1700000200.5\tccc.failed

{"schema":1,"digest":"ccc","createdAt":"2026-11-22T03:43:55.838Z","files":3,"size":7,"source":"git.test/shop","ref":"main","commit":"abc","by":"ann@desk"}
#release\t1700000100.5\tbbb
${record('bbb', 'two')}
#release\t1700000000.0\taaa
${record('aaa', 'one')}
#release\t1690000000.0\told
not json
#site b.test\t
`;

describe('the releases on a host', () => {
  const sites = parseReleases(output);
  const found = sites.get('a.test') ?? [];

  test('are told with their state, newest first', () => {
    expect([...sites.keys()]).toEqual(['a.test', 'b.test']);
    expect(found.map(({ id, live: isLive, failed, back }) => [id, isLive, failed, back?.units[0]?.id])).toEqual([
      ['ccc', false, true, undefined],
      ['bbb', true, false, 'php-two.service'],
      ['aaa', false, false, 'php-one.service'],
      ['old', false, false, undefined],
    ]);
    expect(found.map(({ facts }) => facts)).toEqual([
      { createdAt: '2026-11-22T03:43:55.838Z', files: 3, size: 7, source: 'git.test/shop', ref: 'main', commit: 'abc', by: 'ann@desk' },
      undefined,
      undefined,
      undefined,
    ]);
    expect(found[2]?.at).toEqual(new Date(1_700_000_000_000));
  });

  const [, from, to] = found;
  if (!from || !to) throw new TypeError('the table has three releases');
  const current = '/srv/www/a.test/current';
  const units = (one: string, two: string) =>
    [
      ['one', one],
      ['two', two],
    ]
      .map(([id, active]) => `Id=php-${id}.service\nLoadState=loaded\nActiveState=${active}\nUnitFileState=enabled\n`)
      .join('\n');
  const entry = (wanted: string) => ({ playbook: 'app', wanted, notify: [], made: true });
  const manifest = {
    schema: 1 as const,
    name: 'a.test',
    version: '1',
    resources: {
      'file:/etc/x': entry('x'),
      'service:php-two.service': { ...entry('y'), remembered: { path: '/etc/two/php-two.service' } },
      [`live:${current}`]: entry('z'),
    },
    handlers: {},
  };

  test('one that has another runtime is gone back to with it, and the manifest says so', () => {
    const plan = rollbackPlan(current, from, to, {
      name: 'a.test',
      version: '1',
      remembered: { manifest, others: [], owed: ['reload:nginx.service'] },
      kinds,
      outputs: new Map([
        ['service', units('inactive', 'active')],
        ['live', `releases/bbb\t${current}\n/run/two.sock\t/srv/www/a.test/releases/bbb.sock\n`],
      ]),
      facts: trixie,
      allowDestroy: false,
    });
    expect(plan.changes.map(({ resource, summary }) => [resource, summary])).toEqual([
      ['service:php-one.service', 'start'],
      [`live:${current}`, 'bbb -> aaa'],
      ['service:php-two.service', 'stop, disable'],
    ]);
    expect(Object.keys(plan.manifest.resources)).toEqual(['file:/etc/x', 'service:php-one.service', `live:${current}`]);
    expect(plan.settled).toEqual([]);
  });
});
