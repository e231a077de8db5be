import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MysqlCheck, mysqlCheck, product } from '../../playbooks/database/health.ts';
import { Secret } from '../../src/command/secret.ts';
import { verify } from '../../src/health/verify.ts';
import { type Daemon, installed, ownFolder, start } from '../health/daemon.ts';
import { context, listen } from '../health/loopback.ts';
import { coldMysql } from './mysql-server.ts';

const password = 'correct horse battery staple';

function check(socket: string, more: Partial<MysqlCheck> = {}): MysqlCheck {
  return { socket, database: 'foobar', user: 'foobar', secret: 'database', ...more };
}

async function hop(asked: MysqlCheck, secret: Secret | undefined = new Secret(password)) {
  const [found] = await verify([mysqlCheck(asked)], context({ secret: () => secret }), () => {});
  return found;
}

describe('product', () => {
  it.each([
    ['10.11.19-MariaDB-0+deb12u1', 'MariaDB 10.11.19'],
    ['11.8.3-MariaDB-1~deb13u1', 'MariaDB 11.8.3'],
    ['9.7.4-2', 'MySQL 9.7.4'],
    ['8.4.0', 'MySQL 8.4.0'],
  ])('%s', (version, expected) => {
    expect(product(version)).toBe(expected);
  });
});

describe('checkMysql', () => {
  it('sends caching_sha2_password the password at once, without requesting a key', async () => {
    const folder = await ownFolder();
    const answers: string[] = [];
    const { close } = await listen(
      coldMysql((answer) => answers.push(answer.toString())),
      join(folder, 'mysql.sock'),
    );
    const found = await hop(check(join(folder, 'mysql.sock')));
    expect(answers).toEqual([`${password}\0`]);
    expect(found).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^access denied for foobar on .*mysql\.sock: there is no such user/),
    });
    expect(JSON.stringify(found)).not.toContain('horse');
    await close();
    await rm(folder, { recursive: true });
  });

  it.each([
    {
      what: 'no secret on the host',
      answer: '',
      secret: undefined,
      detail: /^the host has no secret "database", the password of foobar$/,
    },
    { what: 'a server that hangs up', answer: '', detail: /mysql\.sock closed the connection before it answered$/ },
    { what: 'something else than a database', answer: 'HTTP/1.1 400 Bad Request\r\n\r\n', detail: /mysql\.sock/ },
  ])('$what', async ({ answer, detail, ...more }) => {
    const folder = await ownFolder();
    const { close } = await listen(
      createServer((socket) => socket.end(answer)),
      join(folder, 'mysql.sock'),
    );
    const [found] = await verify(
      [mysqlCheck(check(join(folder, 'mysql.sock')))],
      context({ secret: () => ('secret' in more ? more.secret : new Secret(password)) }),
      () => {},
    );
    expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
    await close();
    await rm(folder, { recursive: true });
  });

  it('names a missing socket', async () => {
    expect(await hop(check('/nonexistent/mysqld.sock'))).toMatchObject({
      ok: false,
      detail: '/nonexistent/mysqld.sock does not exist: the service that makes it is not running',
    });
  });
});

const server = installed('/usr/sbin/mariadbd');

describe.skipIf(server === undefined)('a real MariaDB (skipped where this machine has none)', () => {
  let daemon: Daemon | undefined;
  let socket = '';

  beforeAll(async () => {
    const folder = await ownFolder();
    socket = join(folder, 'mysqld.sock');
    const own = ['--no-defaults', '--user=root', `--datadir=${join(folder, 'data')}`];
    await promisify(execFile)('mariadb-install-db', [
      ...own,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ]);
    daemon = await start(
      folder,
      server ?? '',
      [...own, `--socket=${socket}`, '--skip-networking', `--pid-file=${join(folder, 'pid')}`],
      socket,
    );
    const sql = `CREATE DATABASE foobar; CREATE DATABASE other; CREATE TABLE foobar.one (id INT); CREATE USER foobar@localhost IDENTIFIED BY '${password}'; GRANT ALL ON foobar.* TO foobar@localhost`;
    await promisify(execFile)('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root', '-e', sql]);
  }, 60_000);

  afterAll(() => daemon?.stop(), 30_000);

  it('logs in and counts its tables', async () => {
    expect(await hop(check(socket))).toMatchObject({
      hop: 'mysql',
      ok: true,
      detail: expect.stringMatching(/^MariaDB [\d.]+ as foobar@localhost, 1 table in foobar$/),
    });
  });

  it.each([
    { what: 'a wrong password', asked: {}, secret: new Secret('wrong'), detail: /^access denied for foobar on / },
    { what: 'an unknown user', asked: { user: 'nobody' }, detail: /^access denied for nobody on / },
    {
      what: 'a database of others',
      asked: { database: 'other' },
      detail: /^foobar may not use the database other on .*: it does not exist, or the user has no rights to it$/,
    },
  ])('$what', async ({ asked, secret, detail }) => {
    const found = await hop(check(socket, asked), secret);
    expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
    expect(JSON.stringify(found)).not.toMatch(/horse|wrong/);
  });
});
