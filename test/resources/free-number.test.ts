import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';

const sites = mkdtempSync(join(tmpdir(), 'foobar-sites-'));

afterEach(() => rmSync(sites, { recursive: true }));

test.skipIf(process.getuid?.() !== 0)('a new account gets no number that owns something in a site, and the sites are searched once', () => {
  // The three highest numbers own something, so that several candidates are tried.
  for (const number of [999, 998, 997]) {
    const file = join(sites, `of-${number}`);
    writeFileSync(file, '');
    chownSync(file, number === 998 ? 0 : number, number === 998 ? number : 0);
  }
  const script = `${bundled('run/accounts.sh')}
find() { echo searched >>"$SITES/searches"; command find "$@"; }
free_number shop_test`;
  const { stdout } = spawnSync('sh', ['-c', script], { env: { ...process.env, SITES: sites }, encoding: 'utf8' });
  expect(Number(stdout)).toBeGreaterThanOrEqual(100);
  expect(Number(stdout)).toBeLessThan(997);
  expect(spawnSync('getent', ['passwd', stdout]).status).toBe(2);
  expect(readFileSync(join(sites, 'searches'), 'utf8')).toBe('searched\n');
});
