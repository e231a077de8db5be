import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { definePlaybook, live } from '../../src/index.ts';
import { runInSite, type Streams } from '../../src/operations/in-site.ts';
import { config } from '../playbooks/configs.ts';
import { type Host, opened } from './scenario.ts';

const current = '/srv/www/foobar.com/current';
const hooks = { user: 'foobar_com', environment: '/etc/e', sandbox: ['PrivateTmp=yes'], before: [], after: [] };
const recorded = JSON.stringify([[], live(current, { release: 'bbb', keep: 5, hooks }).attributes]);
const releases = (record = recorded) => `#site foobar.com\treleases/bbb\n#release\t1700000200.5\tbbb\n${record}\n`;
const playbooks = [definePlaybook({ name: 'app', resources: () => [] })];

async function run(words: readonly string[], more: Host['more'] = [], choice?: string) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const pipes: Streams = { kind: 'pipes', output, errors };
  const { fleet, context, transport } = await opened({ playbooks, more: [...more, [/#site/, releases()]] });
  const choose = choice === undefined ? undefined : async () => choice;
  const result = await runInSite({ words, streams: pipes }, fleet, { ...context, choose });
  const call = transport.calls.findLast(({ kind }) => kind === 'run');
  return { result, output: String(output.read() ?? ''), errors: String(errors.read() ?? ''), text: call?.kind === 'run' ? call.text : '' };
}

describe('a command in a site', () => {
  test('runs with the properties of the live release, and its output and exit code are ours', async () => {
    const answer = { stdout: 'out\n', stderr: 'err\n', code: 42 };
    const { result, output, errors, text } = await run(['php', '-r', "echo '$HOME';"], [[/^# A command that a person runs/, answer]]);
    expect(result).toMatchObject({ ok: false, exitCode: 42 });
    expect([output, errors]).toEqual(['out\n', 'err\n']);
    expect(
      text
        .split('\n')
        .at(-1)
        ?.replace(/-[0-9a-f]{8} /, '-ID '),
    ).toBe(
      `run_in_site foobar-provision-command-foobar.com-ID --pipe --description='A command in foobar.com' --property=User=foobar_com --property=Group=foobar_com --property=WorkingDirectory=${current} --property=EnvironmentFile=-/etc/e --property=PrivateTmp=yes -- /usr/local/lib/foobar-provision/enter /srv/www/foobar.com /bin/sh -c 'trap : INT QUIT; "$$@"; exit "$$?"' sh php -r 'echo '\\''$$HOME'\\'';'`,
    );
  });

  test('is a shell if there are no words', async () => {
    const { result, text } = await run([], [[/^# A command that a person runs/, '']]);
    expect(result).toMatchObject({ ok: true, exitCode: 0 });
    expect(text).toMatch(/ sh \/bin\/bash$/);
  });

  test.each<readonly [string, string, string]>([
    ['without a live release', '#site foobar.com\t\n', 'foobar.com has no live release on host.test.'],
    [
      'with the record of an older version',
      releases(JSON.stringify([[], live(current, { release: 'bbb', keep: 5 }).attributes])),
      'The live release of foobar.com was recorded without the settings of its commands.',
    ],
  ])('is a problem %s', async (_, output, message) => {
    await expect(run(['true'], [[/#site/, output]])).rejects.toThrow(message);
  });
});

test('a person chooses one of several sites; without one it is a problem', async () => {
  const two = config({ domain: 'foobar.com' }, { domain: 'other.com' });
  const attempt = async (choose?: () => Promise<string>) => {
    const more: Host['more'] = [
      [/#site/, releases()],
      [/^# A command that a person runs/, ''],
    ];
    const { fleet, context } = await opened({ playbooks, config: two, more });
    const streams: Streams = { kind: 'pipes', output: new PassThrough(), errors: new PassThrough() };
    return runInSite({ words: ['true'], streams }, fleet, { ...context, choose });
  };
  await expect(attempt()).rejects.toThrow(/^A command is for one site, and foobar.com has 2\.$/);
  expect(await attempt(async () => 'foobar.com')).toMatchObject({ exitCode: 0 });
});
