import { expect, test } from 'vitest';
import { definePlaybook } from '../../src/index.ts';
import { type LogsRequest, logs } from '../../src/operations/logs.ts';
import { config } from '../playbooks/configs.ts';
import { outcomeOf, type Scenario } from './scenario.ts';

const playbooks = [definePlaybook({ name: 'app', resources: () => [] })];
const show = (request: Partial<LogsRequest>, scenario: Scenario) =>
  outcomeOf({ playbooks, ...scenario }, (fleet, context) => logs({ source: { kind: 'all' }, follow: false, ...request }, fleet, context));

test('the logs of a site are merged by time, and the journal tells the source of each line', async () => {
  const journal = (unit: string, text: string) =>
    JSON.stringify({ __REALTIME_TIMESTAMP: '1700000000000000', _SYSTEMD_UNIT: unit, MESSAGE: text });
  const printed = [
    '#zone\t+0000',
    '1\t2023/11/14 22:13:21 [error] later',
    `7\t${journal('foobar.com-queue@1.service', 'a job')}`,
    `7\t${journal('foobar.com-nightly.service', 'at night')}`,
    `7\t${journal('php-foobar.com-12345678@abc.service', 'shown as php')}`,
    `4\t${journal('php-foobar.com-12345678@abc.service', 'started')}`,
    `6\t${journal('mariadb.service', "Access denied for user 'foobar_com'@'localhost'")}`,
    `6\t${journal('mariadb.service', "Access denied for user 'foobar_com2'@'localhost'")}`,
    '',
  ].join('\n');
  const { told, runs } = await show({}, { more: [[/^printf '#zone/, printed]] });
  expect(told).toEqual([
    'log: queue: a job',
    'log: nightly: at night',
    'log: php: started',
    "log: database: Access denied for user 'foobar_com'@'localhost'",
    'log: nginx: [error] later',
  ]);
  expect(runs).toBe(0);
});

test('files that the site can write are read as its user', async () => {
  let script = '';
  const answer = (text: string) => {
    script = text;
    return '#zone\t+0000\n';
  };
  await show({ source: { kind: 'php' } }, { more: [[/^printf '#zone/, answer]] });
  const words = script.slice(script.lastIndexOf(' once 0 '));
  expect(words).toContain('setpriv --reuid=foobar_com --regid=foobar_com --clear-groups --inh-caps=-all -- sh -c');
  expect(words).toContain('once 100 /var/log/php/foobar.com/error.log');
});

test.each<readonly [string, Partial<LogsRequest>, Scenario, string]>([
  ['an unknown worker', { source: { kind: 'worker', name: 'x' } }, {}, 'foobar.com has no worker or scheduled command x.'],
  [
    'several sites',
    {},
    { config: config({ domain: 'foobar.com' }, { domain: 'other.com' }) },
    'A log is for one site, and foobar.com has 2.',
  ],
  ['no such run', { source: { kind: 'run', id: 'x' } }, { more: [[/print_run x$/, { code: 4 }]] }, 'There is no run x on host.test.'],
  [
    'two such runs',
    { source: { kind: 'run', id: '2' } },
    { more: [[/print_run 2$/, { code: 5 }]] },
    'Several runs on host.test begin with 2.',
  ],
  ['a path', { source: { kind: 'run', id: '../x' } }, {}, '"../x" is not a valid name of a run.'],
])('%s is a problem', async (_, request, scenario, message) => {
  expect((await show(request, scenario)).result).toMatchObject({ message });
});
