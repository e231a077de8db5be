import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { cli } from '../lab/cli.ts';
import { exec, instanceOn, lab } from '../lab/host.ts';

/** How long the script leaks; `LEAK_SECONDS=600` for a long run. */
const seconds = Number(process.env.LEAK_SECONDS ?? 30);

const leaked = 64 * 1024;
const script = `<?php
$c = FFI::cdef('void *malloc(size_t size); void *memset(void *s, int c, size_t n);', 'libc.so.6');
$c->memset($c->malloc(${leaked}), 1, ${leaked});
echo 'leaked';
`;

describe.skipIf(unsupported() !== undefined)('a script that leaks memory outside of memory_limit', () => {
  const app = mkdtempSync(join(tmpdir(), 'foobar-leak-'));
  afterAll(() => rmSync(app, { recursive: true, force: true }));
  // Four workers.
  const here = lab('trixie', { memory: 512, include: ['nginx', 'php8.4-fpm'] });

  test(
    'stays within the memory of its workers for any number of requests, and no request is lost',
    async () => {
      mkdirSync(join(app, 'app/public'), { recursive: true });
      writeFileSync(join(app, 'app/public/index.php'), script);
      writeFileSync(
        join(app, 'foobar.config.json'),
        JSON.stringify({
          domain: 'leak.test',
          www: false,
          https: false,
          app: { source: 'app' },
          php: { settings: { 'ffi.enable': 'true' } },
          database: { engine: 'none' },
        }),
      );
      const run = await cli(here.host, 'apply', ['--yes'], { cwd: app });
      expect(run.code, run.stderr).toBe(0);

      const { unit } = await instanceOn(here.host, 'leak.test');
      const memory = async () => {
        const { stdout } = await exec(
          here.host,
          `for id in $(cat /sys/fs/cgroup$(systemctl show --property=ControlGroup --value ${unit})/cgroup.procs); do cat /proc/$id/smaps_rollup; done 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum }'`,
        );
        return Number(stdout) / 1024;
      };

      const agent = new Agent({ keepAlive: true });
      const failed: string[] = [];
      let requests = 0;
      const ask = () =>
        new Promise<void>((resolve) => {
          const fail = (text: string) => {
            failed.push(text);
            resolve();
          };
          get({ host: here.host.address, path: '/', agent, headers: { Host: 'leak.test' } }, (response) => {
            response
              .resume()
              .once('end', resolve)
              .once('error', (error) => fail(error.message));
            requests += 1;
            if (response.statusCode !== 200) failed.push(`${response.statusCode}`);
          }).once('error', (error) => fail(error.message));
        });
      const end = Date.now() + seconds * 1000;
      const visit = async () => {
        while (Date.now() < end) await ask();
      };
      let most = 0;
      const watch = async () => {
        while (Date.now() < end) most = Math.max(most, await memory());
      };
      await Promise.all([watch(), ...Array.from({ length: 16 }, visit)]);
      agent.destroy();

      expect(failed).toEqual([]);
      const all = (requests * leaked) / 2 ** 20;
      process.stdout.write(`${requests} requests leaked ${all.toFixed(0)} MiB, and PHP had at most ${most.toFixed(0)} MiB\n`);
      // A thousand leaks of 64 kB are 64 MiB for each of four workers, and each needs some itself.
      expect(most).toBeLessThan(4 * (64 + 16));
      // Otherwise the bound was not tried.
      expect(all).toBeGreaterThan(2 * 4 * 64);
    },
    (seconds + 240) * 1000,
  );
});
