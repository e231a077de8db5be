import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { begin, cli, folder, named, reaching } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';
import { talk } from './terminal.ts';

const dump = (place: string) => `printf %s "$ODD" | od -An -tx1 | tr -d ' \\n' >$HOME/${place}`;
const odd = 'q"u\'o $HOME ${X} `id` \\n back\\\nline2 é %s\n';

describe('the daily commands on one host', () => {
  const here = lab('trixie', { include: php });
  const config = {
    domain: 'window.test',
    www: false,
    https: false,
    app: { source: 'app', hooks: { before: [dump('hook')] } },
    database: { engine: 'none' },
    host: false,
    workers: { queue: { command: `echo started; ${dump('worker')}; exec sleep 1000` } },
    cron: { nightly: { command: dump('cron'), schedule: '0 3 * * *' } },
  };
  const project = folder({
    'app/index.php':
      '<?php error_log("shown in the logs"); echo bin2hex((string) getenv("ODD")), " ", bin2hex((string) ($_SERVER["ODD"] ?? ""));',
    'foobar.config.json': JSON.stringify(config),
  });
  const run = (command: string, args: readonly string[] = [], input = '') => cli(here.host, command, args, { cwd: project, input });

  async function page(): Promise<{ readonly status: number; readonly body: string; readonly retry: string | undefined }> {
    const sent = request({ host: here.host.address, headers: { Host: 'window.test' }, agent: false }).end();
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject);
    });
    return { status: response.statusCode ?? 0, body: await text(response), retry: response.headers['retry-after'] };
  }

  test('a command has the streams, the exit code and the site of the live release; a terminal passes Ctrl-C and its size on', async () => {
    expect((await run('apply', ['--yes'])).code).toBe(0);
    const words = [
      'run',
      ...reaching(here.host),
      '--',
      'sh',
      '-c',
      'cat; echo "$0 $HOME" >&2; id -un; pwd; php -r "echo PHP_MAJOR_VERSION;"; exit 42',
    ];
    const { code, stdout, stderr } = await begin(words, { cwd: project, input: 'in\n' }).ended;
    expect({ code, stdout, stderr: stderr.split('\n').at(-2) }).toEqual({
      code: 42,
      stdout: 'in\nwindow_test\n/srv/www/window.test/current\n8',
      stderr: 'sh /srv/www/window.test/shared',
    });
    expect((await exec(here.host, 'systemctl list-units --plain --no-legend "foobar-provision-command-*"')).stdout).toBe('');
    const typed = [
      [/current\$ /, 'stty size; sleep 50'],
      [/^\d+ \d+\r?$/m, '\x03'],
      [/\^C/, 'exit 7'],
    ] as const;
    const shell = await talk(['ssh', ...reaching(here.host)], typed, { cwd: project, columns: 123 });
    expect(shell.code).toBe(7);
    expect(shell.screen).toContain('50 123');
  });

  test('a stored variable reaches every process byte for byte without a lost request, and no output contains its value', async () => {
    const answers: number[] = [];
    let isDone = false;
    const visitors = (async () => {
      while (!isDone) answers.push((await page()).status);
    })();
    const set = await run('env', ['set', 'ODD'], `${odd}\n`);
    isDone = true;
    await visitors;
    expect(set.code).toBe(0);
    expect(answers.filter((status) => status !== 200)).toEqual([]);
    writeFileSync(join(project, 'app/other.txt'), 'a new release, whose hook runs');
    const deployed = await run('deploy');
    expect(deployed.code).toBe(0);
    await exec(here.host, 'systemctl start window.test-nightly.service');
    const hex = Buffer.from(odd).toString('hex');
    expect((await page()).body).toBe(`${hex} ${hex}`);
    const { stdout } = await exec(here.host, 'cd /srv/www/window.test/shared && for each in hook worker cron; do cat $each; echo; done');
    expect(stdout.trim().split('\n')).toEqual([hex, hex, hex]);
    const planned = await run('plan');
    expect(named(planned, 'change')).toEqual([]);
    expect(`${set.stdout}${deployed.stdout}${planned.stdout}`).not.toContain('back\\\\');
    expect(named(await run('env', ['list']), 'variable')).toMatchObject([{ name: 'ODD', from: 'stored on the host' }]);
  });

  test('maintenance survives a deploy, serves an allowed address as usual, and leaves no file behind', async () => {
    const before = await exec(here.host, 'find /etc/nginx -type f | sort | xargs sha256sum');
    expect((await run('maintenance', ['on'])).code).toBe(0);
    expect(await page()).toMatchObject({ status: 503, retry: '600' });
    writeFileSync(join(project, 'app/503.html'), 'our own page');
    expect((await run('deploy')).code).toBe(0);
    expect(await page()).toMatchObject({ status: 503, body: 'our own page' });
    expect((await run('maintenance', ['on', '--allow', '198.18.0.0/15'])).code).toBe(0);
    expect((await page()).status).toBe(200);
    expect((await run('maintenance', ['off'])).code).toBe(0);
    const after = await exec(here.host, 'find /etc/nginx -type f | sort | xargs sha256sum');
    const others = (list: string) => list.split('\n').filter((line) => !line.includes('/foobar-rules/'));
    expect(others(after.stdout)).toEqual(others(before.stdout));
  });

  test('logs, history and status show what happened on this site', async () => {
    const entries = named(await run('logs'), 'log');
    expect(entries).toContainEqual(expect.objectContaining({ source: 'php', text: expect.stringContaining('shown in the logs') }));
    expect(entries).toContainEqual(expect.objectContaining({ source: 'queue', text: 'started' }));
    expect(entries).toContainEqual(expect.objectContaining({ source: 'nginx', level: 'error', text: expect.stringContaining(' 503 ') }));
    const runs = named(await run('history'), 'pastRun');
    expect(runs[0]).toMatchObject({ end: 'ok', about: { command: 'deploy', login: 'root' } });
    const [status] = named(await run('status'), 'status');
    expect(status).toMatchObject({
      changes: 0,
      needsReboot: false,
      sites: [{ domain: 'window.test', inMaintenance: false, unhealthy: [], workers: { queued: 0 } }],
    });
  });
});
