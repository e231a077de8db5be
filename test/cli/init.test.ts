import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { load } from '../../src/config-file/load.ts';
import { unsupported } from '../../src/sandbox/index.ts';
import { closedPort } from '../health/loopback.ts';
import { hold, type TerminalSession, unbuilt } from './pty.ts';

const enter = '\r';
const down = '\u001b[B';

/** The list of hosts comes first where this machine can make a throwaway one. */
async function answerHost(session: TerminalSession, host: string): Promise<void> {
  if (unsupported() === undefined) await session.answer('Which host?', enter);
  await session.answer('Host ([user@]host[:port]):', `${host}${enter}`);
}

describe.skipIf(unbuilt)('init, in a terminal of 80 columns', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'init-'));
    await mkdir(join(folder, 'www.example.com/public'), { recursive: true });
    await writeFile(join(folder, 'www.example.com/public/index.php'), '<?php');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const work = () => join(folder, 'www.example.com');
  // Without the tester's own ssh_config and agent.
  const nobody = () => ({ HOME: folder, SSH_AUTH_SOCK: '' });

  it('asks, reports that the host is unreachable, continues without it, and writes the answers', async () => {
    const port = await closedPort();
    const session = hold(['init'], work(), nobody());
    await answerHost(session, `root@127.0.0.1:${port}`);
    await session.answer('Continue?', down + enter);
    await session.answer("The site's domain: (example.com)", enter);
    await session.answer('this folder (it has public)', enter);
    await session.answer('a specific version', enter);
    await session.answer('otherwise MariaDB', down + enter);
    await session.answer('E-mail address', enter);
    await session.answer('nobody else', enter);
    await session.answer('none for now', enter);
    expect(await session.ended).toBe(0);
    const text = session.screen().join(' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain(`127.0.0.1 refuses connections on port ${port}.`);
    expect(text).toContain('Your answers are in foobar.config.ts');
    expect((await load(() => import('../../src/index.ts'), join(work(), 'foobar.config.ts'))).config).toEqual({
      server: `root@127.0.0.1:${port}`,
      domain: 'example.com',
      app: { source: '.' },
      database: { engine: 'mariadb' },
    });
    expect(session.broken()).toEqual([]);
  });

  it('goes back to the question before on Escape', async () => {
    const port = await closedPort();
    const session = hold(['init'], work(), nobody());
    await answerHost(session, `root@127.0.0.1:${port}`);
    await session.answer('Continue?', down + enter);
    await session.answer("The site's domain: (example.com)", `exmaple.com${enter}`);
    await session.answer('this folder (it has public)', '\u001b');
    await session.answer("The site's domain: (exmaple.com)", `example.org${enter}`);
    // The question is on the screen twice now.
    await session.answer("✔ The site's domain: example.org\n? Which application?", enter);
    await session.answer('a specific version', enter);
    await session.answer('otherwise MariaDB', enter);
    await session.answer('E-mail address', `no address${enter}`);
    await session.answer('This is not an e-mail address.', `${'\u007f'.repeat(10)}you@example.org${enter}`);
    await session.answer('nobody else', enter);
    await session.answer('none for now', down + enter);
    await session.answer('Where to', `sftp:me@203.0.113.9:/backups${enter}`);
    expect(await session.ended).toBe(0);
    expect((await load(() => import('../../src/index.ts'), join(work(), 'foobar.config.ts'))).config).toEqual({
      server: `root@127.0.0.1:${port}`,
      domain: 'example.org',
      app: { source: '.' },
      https: { email: 'you@example.org' },
      backups: { to: 'sftp:me@203.0.113.9:/backups' },
    });
    expect(session.broken()).toEqual([]);
  });

  it('replaces a file only if the user agrees', async () => {
    await writeFile(join(work(), 'foobar.config.ts'), 'export default load();\n');
    const session = hold(['init'], work(), nobody());
    await session.answer('❯ leave it as it is', enter);
    expect(await session.ended).toBe(0);
    expect(await readFile(join(work(), 'foobar.config.ts'), 'utf8')).toBe('export default load();\n');
    expect(session.screen().join(' ')).toMatch(/foobar\.config\.ts could not be read.* Edit it in your editor/);
  });

  it.each([['init'], []])('exits with 130 on Ctrl-C and writes nothing (%j)', async (...args) => {
    const session = hold(args, work(), nobody());
    await session.answer('Which host?', '\u0003');
    expect(await session.ended).toBe(130);
    expect(existsSync(join(work(), 'foobar.config.ts'))).toBe(false);
    expect(session.screen().at(-2)).toBe('✖ Interrupted.');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('exits with 130 and a last line on a %s during a question', async (signal) => {
    const session = hold(['init'], work(), nobody());
    await session.interrupt('Which host?', signal);
    expect(await session.ended).toBe(130);
    expect(session.screen().join('\n')).toContain('✖ Interrupted.');
  });

  it('asks nothing if nobody is at a terminal', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../../dist/bin.mjs'), 'init'], {
      cwd: work(),
      input: 'root@web\n',
      encoding: 'utf8',
    });
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no terminal to ask on.') });
    expect(existsSync(join(work(), 'foobar.config.ts'))).toBe(false);
  });
});
