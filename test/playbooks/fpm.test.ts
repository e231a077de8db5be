import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord, recordType } from '../../playbooks/runtimes/php/fastcgi.ts';
import { requestFastCgi } from '../../playbooks/runtimes/php/fastcgi-request.ts';
import { checkFpm, type FpmCheck, fpmCheck } from '../../playbooks/runtimes/php/health.ts';
import { openStream } from '../../src/health/connect.ts';
import { verify } from '../../src/health/verify.ts';
import { within } from '../../src/within.ts';
import { type Daemon, installed, ownFolder, start } from '../health/daemon.ts';
import { context, listen, loopback } from '../health/loopback.ts';
import { encodeEnd, encodeOutput, type FastCgiRequest, responder } from './responder.ts';

function check(socket: string): FpmCheck {
  return { socket, path: '/fpm-ping' };
}

/** Runs the check against a FastCGI server with the test's answers. */
async function ask(answer: (request: FastCgiRequest) => Buffer, step?: number) {
  const folder = await ownFolder();
  const socket = join(folder, 'fpm.sock');
  const { close } = await listen(responder(answer, step), socket);
  try {
    return await within(2, (signal) => checkFpm(check(socket), context(), signal));
  } finally {
    await close();
    await rm(folder, { recursive: true });
  }
}

const pong = 'Content-type: text/plain;charset=UTF-8\r\n\r\npong';

describe('checkFpm', () => {
  it.each([{ step: undefined }, { step: 1 }])('recognizes a pong in pieces of $step', async ({ step }) => {
    expect(await ask(() => encodeOutput(pong), step)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^pong in \d+ ms from .*fpm\.sock$/),
    });
  });

  it('sends the request that FPM expects', async () => {
    let asked: ReadonlyMap<string, string> = new Map();
    await ask(({ params }) => {
      asked = params;
      return encodeOutput(pong);
    });
    expect(Object.fromEntries(asked)).toEqual({
      SCRIPT_NAME: '/fpm-ping',
      SCRIPT_FILENAME: '/fpm-ping',
      REQUEST_METHOD: 'GET',
      QUERY_STRING: '',
    });
  });

  it('reports an answer that is not a pong', async () => {
    const finding = await ask(() => encodeOutput('Status: 404 Not Found\r\n\r\nFile not found.\n'));
    expect(finding).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^404 instead of pong from .*: its pool does not answer ping\.path = \/fpm-ping$/),
    });
  });

  it.each([
    { what: 'an overloaded server', bytes: encodeEnd(2), message: 'the server is overloaded' },
    {
      what: 'half an answer',
      bytes: encodeRecord({ type: recordType.stdout, content: Buffer.from('Con') }),
      message: 'the connection ended in the middle of the answer',
    },
    { what: 'another protocol', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), message: 'what answered does not speak FastCGI' },
  ])('rejects $what', async ({ bytes, message }) => {
    await expect(ask(() => bytes)).rejects.toThrow(message);
  });
});

const phpFpm = installed('/usr/sbin/php-fpm8.4', '/usr/sbin/php-fpm8.3', '/usr/sbin/php-fpm8.2');

describe.skipIf(phpFpm === undefined)('a real php-fpm (skipped where this machine has none)', () => {
  let daemon: Daemon | undefined;
  let socket = '';
  let folder = '';

  beforeAll(async () => {
    folder = await ownFolder();
    socket = join(folder, 'fpm.sock');
    const pool = [
      '[www]',
      `listen = ${socket}`,
      'user = nobody',
      'group = nogroup',
      'pm = static',
      'pm.max_children = 1',
      'ping.path = /fpm-ping',
    ];
    await writeFile(join(folder, 'fpm.conf'), ['[global]', `error_log = ${folder}/error.log`, 'daemonize = no', ...pool, ''].join('\n'));
    await writeFile(join(folder, 'echo.php'), '<?php header("X-Got: " . strlen(file_get_contents("php://input"))); echo $_GET["q"];');
    // The workers run as nobody and must be able to read the script.
    await chmod(folder, 0o755);
    daemon = await start(folder, phpFpm ?? '', ['-F', '-n', '-R', '-y', join(folder, 'fpm.conf')], socket);
  }, 30_000);

  afterAll(() => daemon?.stop());

  it('answers', async () => {
    const [hop] = await verify([fpmCheck(check(socket))], context(), () => {});
    expect(hop).toMatchObject({ hop: 'php-fpm', ok: true, detail: expect.stringMatching(/^pong in \d+ ms/) });
  });

  it('does not answer another path', async () => {
    const [hop] = await verify([fpmCheck({ ...check(socket), path: '/other' })], context(), () => {});
    expect(hop).toMatchObject({ ok: false, detail: expect.stringMatching(/^404 instead of pong/) });
  });

  it('runs a script with a body', async () => {
    const script = { SCRIPT_NAME: '/echo.php', SCRIPT_FILENAME: join(folder, 'echo.php'), QUERY_STRING: 'q=hello' };
    const body = Buffer.alloc(70_000, 'x');
    const answer = await within(5, async (signal) =>
      requestFastCgi(
        await openStream(loopback(), { socket }, signal),
        { ...script, REQUEST_METHOD: 'POST', CONTENT_LENGTH: String(body.length) },
        body,
      ),
    );
    expect({ status: answer.status, got: answer.headers.get('x-got'), body: answer.body.toString() }).toEqual({
      status: 200,
      got: '70000',
      body: 'hello',
    });
  });
});
