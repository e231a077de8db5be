import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Suite } from '../../../src/sandbox/index.ts';
import { machineMirrors, sourceLines } from '../../../src/sandbox/sources.ts';

const run = promisify(execFile);

/** WordPress, a theme for it, and the packages that its links lead to. */
const packages = ['wordpress', 'wordpress-theme-twentytwentyfive', 'php-getid3', 'libjs-cropper', 'libjs-lodash', 'libjs-underscore'];

/**
 * Makes a folder as a user of WordPress would have it: `foobar.config.ts`, and `app` with the files of a suite's packages and a
 * `wp-config.php`. Nothing is installed on this machine; apt keeps what it learns for this in a folder of its own. The caller removes the
 * folder.
 */
export async function wordpressFolder(suite: Suite): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foobar-wordpress-'));
  const unpacked = await unpack(suite, join(folder, 'packages'));
  const share = join(unpacked, 'usr/share');
  // A link of the package's that leads out of WordPress becomes the file itself; two are links to the host's configuration, and nothing
  // here.
  const links = ['.htaccess', 'wp-includes/certificates/ca-bundle.crt'].map((path) => join(share, 'wordpress', path));
  await Promise.all(links.map((path) => rm(path)));
  await run('cp', ['-rL', join(share, 'wordpress'), join(folder, 'app')]);
  await cp('/etc/ssl/certs/ca-certificates.crt', join(folder, 'app/wp-includes/certificates/ca-bundle.crt'));
  await cp(join(import.meta.dirname, 'wp-config.php'), join(folder, 'app/wp-config.php'));
  await cp(join(import.meta.dirname, 'foobar.config.ts'), join(folder, 'foobar.config.ts'));
  await rm(join(folder, 'packages'), { recursive: true });
  return folder;
}

async function unpack(suite: Suite, folder: string): Promise<string> {
  const [lists, archives, unpacked] = ['lists', 'archives', 'unpacked'].map((name) => join(folder, name));
  if (!lists || !archives || !unpacked) throw new RangeError('three folders have three names');
  await Promise.all([join(lists, 'partial'), join(archives, 'partial'), unpacked].map((path) => mkdir(path, { recursive: true })));
  await writeFile(join(folder, 'sources.list'), `${sourceLines(suite, await machineMirrors()).join('\n')}\n`);
  const own = [
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${folder}`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', ['-qq', ...own, 'update']);
  await run('apt-get', ['-qq', ...own, 'download', ...packages], { cwd: archives });
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb')))
    await run('dpkg', ['-x', join(archives, name), unpacked]);
  return unpacked;
}
