import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checksOf } from '../../src/engine/playbook.ts';
import type { Hop } from '../../src/health/check.ts';
import { verify } from '../../src/health/verify.ts';
import {
  appCheck,
  defineCheck,
  definePlaybook,
  nginxCheck,
  notRunning,
  oneLine,
  openStream,
  reason,
  sh,
  tcpCheck,
} from '../../src/index.ts';
import { config } from '../playbooks/configs.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';
import { ownFolder } from './daemon.ts';
import { context, listen, loopback } from './loopback.ts';

/** A hop for Redis, as a user of this package would write it. */
const redisCheck = defineCheck<{ readonly socket: string }>({
  hop: 'redis',
  place: 'data',
  ask: async ({ socket }, { transport }, signal) => {
    const stream = await openStream(transport, { socket }, signal);
    stream.write('PING\r\n');
    const [answer] = await once(stream, 'data', { signal });
    const text = oneLine(String(answer));
    return { ok: text === '+PONG', detail: `${text} from ${socket}` };
  },
  failure: ({ socket }, _, error) => reason(error, socket, { refused: notRunning, late: 'the server hangs' }),
});

describe('a hop that a playbook defines', () => {
  let folder: string;
  let socket: string;
  beforeEach(async () => {
    folder = await ownFolder();
    socket = join(folder, 'redis.sock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Returns the result of the hop, including its log. */
  async function hops(): Promise<readonly Hop[]> {
    const playbook = definePlaybook({ name: 'redis', resources: () => [], health: () => [redisCheck({ socket, log: sh`redis-log` })] });
    const transport = loopback({ script: (text) => `${text} says why` });
    return verify(checksOf([playbook], viewOf(config(), trixie)), context({ transport }), () => {});
  }

  test.each([
    ['well', '+PONG\r\n', { ok: true, detail: '+PONG from ' }],
    ['not well', '-LOADING Redis is loading\r\n', { ok: false, detail: '-LOADING Redis is loading from ', log: ['redis-log says why'] }],
  ])('%s', async (_, answer, { detail, ...expected }) => {
    const { close } = await listen(
      createServer((stream) => stream.on('data', () => stream.write(answer))),
      socket,
    );
    expect(await hops()).toEqual([{ hop: 'redis', ...expected, detail: `${detail}${socket}`, ms: expect.any(Number) }]);
    await close();
  });

  test('when the host is unreachable', async () => {
    expect(await hops()).toMatchObject([{ ok: false, detail: `${socket} does not exist: the service that makes it is not running` }]);
  });

  test('is reported in its place regardless of the order of the playbooks', async () => {
    const page = { port: 1, host: 'foobar.com', path: '/', status: 200 };
    const checks = [appCheck(page), redisCheck({ socket }), nginxCheck(page), tcpCheck({ port: 1 })];
    const found = await verify(checks, context(), () => {});
    expect(found.map(({ hop }) => hop)).toEqual(['tcp', 'nginx', 'redis', 'app']);
  });

  test('is checked once if two sites need the same check', () => {
    const twice = definePlaybook({
      name: 'p',
      resources: () => [],
      health: () => [redisCheck({ socket }), redisCheck({ socket: '/other' })],
    });
    expect(checksOf([twice], viewOf(config({}, { domain: 'two.test' }), trixie))).toEqual([
      redisCheck({ socket }),
      redisCheck({ socket: '/other' }),
    ]);
  });
});
