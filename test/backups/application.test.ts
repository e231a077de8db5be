import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { asSent } from '../../src/backups/application.ts';

test('a release becomes the application that was sent, and links that the site has made are not followed', async () => {
  const root = mkdtempSync(join(tmpdir(), 'release-'));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('outside/up/kept', 'not of the release');
  write('release/index.php', 'page');
  write('release/.foobar-provision/mounted', 'up');
  // The application may write `var`, and has replaced it by a link.
  symlinkSync(join(root, 'outside'), join(root, 'release/var'));
  symlinkSync('/srv/www/shop.test/shared/up', join(root, 'release/up'));
  write('record/apart', 'var/up\0var\0up\0');
  write('record/apart.d/var/up/first', 'as sent');
  write('record/apart.d/up/a', 'sent too');
  await asSent(join(root, 'release'), join(root, 'record'));
  expect(readFileSync(join(root, 'release/var/up/first'), 'utf8')).toBe('as sent');
  expect(readFileSync(join(root, 'release/up/a'), 'utf8')).toBe('sent too');
  expect(readFileSync(join(root, 'outside/up/kept'), 'utf8')).toBe('not of the release');
  expect(existsSync(join(root, 'release/.foobar-provision'))).toBe(false);
  rmSync(root, { recursive: true });
});
