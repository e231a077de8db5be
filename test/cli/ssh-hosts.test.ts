import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { sshHosts } from '../../src/cli/ssh-hosts.ts';

let folder: string | undefined;
afterEach(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

it('finds the hosts of ssh_config and of what it includes, and neither patterns nor negations', async () => {
  folder = await mkdtemp(join(tmpdir(), 'ssh-hosts-'));
  await mkdir(join(folder, 'conf.d'));
  await writeFile(join(folder, 'conf.d/one.conf'), 'Host "inner"\n  HostName 203.0.113.9\n');
  await writeFile(join(folder, 'conf.d/two.txt'), 'Host never\n');
  await writeFile(
    join(folder, 'config'),
    'Include conf.d/*.conf\nHost web db *.example.com !bad\n  HostName 203.0.113.5\nhost=shop\n# Host gone\nHost web\nHost *\nInclude config\n',
  );
  expect(await sshHosts(folder)).toEqual(['inner', 'web', 'db', 'shop']);
});

it('finds none without an ssh_config', async () => {
  expect(await sshHosts('/nonexistent')).toEqual([]);
});
