import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { type Application, largeApplication } from './application.ts';
import { cli, named, type Started, start } from './cli.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

describe('an application of thousands of files and 200 MB, onto a host that serves another', () => {
  const here = lab('trixie', { include: stack });
  let application: Application;

  beforeAll(async () => {
    if (unsupported() !== undefined) return;
    application = await largeApplication();
    const ended = await cli(here.host, 'apply', ['--yes', '--config', `${import.meta.dirname}/lean.config.json`]);
    expect(ended.code, ended.stderr).toBe(0);
  });
  afterAll(async () => {
    if (application) await rm(application.folder, { recursive: true });
  });

  test('is built and sent completely in one pass, unchanged and without anything else', async () => {
    const started = start(here.host, 'apply', ['--yes'], { cwd: application.folder });
    const peak = watchMemory(started);
    const ended = await started.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(application.size).toBeGreaterThan(200_000_000);
    expect(await peak, 'megabytes of memory').toBeLessThan(200);

    const texts = named(ended, 'progress').map(({ text }) => String(text));
    expect(ended.stdout).toContain('compiled');
    expect(texts).toContain(`sending the application (${application.sent.size + 1} files)`);
    const sending = named(ended, 'progress').filter(({ text }) => /^sending/.test(String(text)));
    const parts = sending.map(({ part }) => Number(part));
    expect(parts).toEqual([...parts].sort((one, other) => one - other));
    expect([parts.length > 5, parts.at(-1)]).toEqual([true, 1]);
    // Ten words a second are enough for an eye; the last one comes whenever it is true.
    const times = sending.slice(0, -1).map(({ at }) => Date.parse(String(at)));
    expect(Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)))).toBeGreaterThan(80);

    const eye = await exec(here.host, 'cd /srv/www/foobar.com/current/ && find . -type f -print0 | xargs -0 sha256sum -z | tr "\\0" "\\n"');
    const there = new Map(
      eye.stdout.split('\n').flatMap((line): [string, string][] => (line ? [[line.slice(68), line.slice(0, 64)]] : [])),
    );
    expect(Object.fromEntries(there)).toEqual(Object.fromEntries(application.sent));
  });

  test('belongs to root, is readable by PHP and nginx whatever its modes were here, and is served', async () => {
    const eye = await exec(
      here.host,
      `cd /srv/www/foobar.com/current/
find . -type f -printf '%u:%g %m\\n' | sort | uniq -c | sort -rn; find . -type d -printf '%u:%g %m\\n' | sort -u; stat -c %A bin/task; readlink public/media/latest.mp4
ls -A /var/lib/foobar-provision/incoming`,
    );
    expect(eye.stdout.replace(/^ +/gm, '').split('\n')).toEqual([
      `${application.sent.size - 1} root:root 644`,
      '1 root:root 755',
      'root:root 755',
      '-rwxr-xr-x',
      'film.mp4',
      '',
    ]);
    expect((await visit(here.host.address, '/')).toString()).toBe('large, and built here\n');
    expect(await visit(here.host.address, '/media/latest.mp4')).toHaveLength(20_000_000);
    expect(await visit(here.host.address, '/media/3/picture%203.jpg')).toHaveLength(900_000);
  });

  test('that has not changed is not sent again', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: application.folder });
    expect([ended.code, named(ended, 'change'), ended.stdout.includes('sending')]).toEqual([0, [], false]);
  });
});

/** The most memory that a command held, in megabytes: what the kernel has counted, looked at until it ends. */
async function watchMemory({ child, ended }: Started): Promise<number> {
  let peak = 0;
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  while (!over) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000);
    await sleep(50);
  }
  return peak;
}

/** What a visitor of the site gets; `fetch` would name the address in the `Host` header. */
async function visit(address: string, path: string): Promise<Buffer> {
  const asked = request({ host: address, path, headers: { Host: 'www.foobar.com' }, agent: false });
  asked.end();
  const [answer]: [IncomingMessage] = (await once(asked, 'response')) as [IncomingMessage];
  return buffer(answer);
}
