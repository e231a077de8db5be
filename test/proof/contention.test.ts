import { beforeAll, describe, expect, test } from 'vitest';
import { stateFolder } from '../../src/host-paths.ts';
import { unsupported } from '../../src/sandbox/index.ts';
import { cli, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { withOwn } from '../lab/own-way.ts';

describe.skipIf(unsupported() !== undefined)('a host on which something else is in progress', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'nftables'] });
  const withFile = (content: string) => withOwn(`file('/root/own', { content: '${content}' })`);
  const stages = async (content: string) => {
    const run = await cli(here.host, 'apply', ['--yes'], withFile(content));
    return { run, waits: named(run, 'stage').filter(({ text }) => String(text).startsWith('waiting: ')) };
  };

  beforeAll(async () => {
    const run = await cli(here.host, 'apply', ['--yes'], withFile('one'));
    expect(run.code, run.stderr).toBe(0);
  });

  test.each([
    ['foobar-provision-certificate', 'waiting: the host renews a certificate'],
    ['foobar-provision-revert-x', 'waiting: the host reverts settings that nobody has proven'],
  ])('a run waits for %s', async (unit, text) => {
    await exec(here.host, `systemd-run --quiet --collect --unit=${unit} sleep 12`);
    const { run, waits } = await stages(unit);
    expect(run.code, run.stderr).toBe(0);
    expect(waits.at(0)).toMatchObject({ text });
  });

  test.each([
    [
      'foobar-provision-certificate',
      /renews a certificate, and that did not finish within 120 s/,
      /systemctl status foobar-provision-certificate certbot/,
    ],
    ['foobar-provision-revert-x', /reverts settings that nobody has proven, .* 120 s/, /systemctl status foobar-provision-revert-x/],
  ])('%s that does not end is named', async (unit, message, hint) => {
    await exec(here.host, `systemd-run --quiet --collect --unit=${unit} sleep 600`);
    const { run } = await stages('never');
    await exec(here.host, `systemctl stop ${unit}`);
    expect([run.code, run.events.at(-1)]).toMatchObject([
      3,
      { exitCode: 3, error: { message: expect.stringMatching(message), hint: expect.stringMatching(hint) } },
    ]);
  });

  test('settings of an interrupted run that cannot be reverted prevent the next run', async () => {
    await exec(here.host, `mkdir ${stateFolder}/runs/stuck && cd ${stateFolder}/runs/stuck && echo 'exit 1' >script && : >armed`);
    const { run } = await stages('never');
    expect([run.code, run.events.at(-1)]).toMatchObject([
      1,
      {
        error: {
          message: expect.stringMatching(/could not revert the SSH and firewall settings of an interrupted run/),
          hint: expect.stringMatching(/armed there says why.*Nothing was changed/),
        },
      },
    ]);
    const { stdout } = await exec(here.host, `rm -r ${stateFolder}/runs/stuck; cat /root/own`);
    expect(stdout).not.toContain('never');
    expect((await stages('two')).run.code).toBe(0);
  });

  test('a plan that is stale each time fails in the end, and nothing of it is applied', async () => {
    await exec(
      here.host,
      `cp ${stateFolder}/generation /root/generation; systemd-run --quiet --collect --unit=restless sh -c 'while sleep 0.05; do date +%N >/root/next && mv /root/next ${stateFolder}/generation; done'`,
    );
    const { run } = await stages('three');
    const { stdout } = await exec(here.host, `systemctl stop restless; mv /root/generation ${stateFolder}/generation; cat /root/own`);
    expect(stdout).not.toContain('three');
    expect([run.code, run.events.at(-1)]).toMatchObject([
      1,
      { error: { message: expect.stringMatching(/5 plans in a row were stale/), hint: expect.stringMatching(/systemctl list-units/) } },
    ]);
    expect((await stages('three')).run.code).toBe(0);
  });
});
