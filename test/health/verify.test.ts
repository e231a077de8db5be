import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mysqlCheck } from '../../playbooks/database/health.ts';
import { fpmCheck } from '../../playbooks/runtimes/php/health.ts';
import { sh } from '../../src/command/command.ts';
import { Secret } from '../../src/command/secret.ts';
import type { Check, Hop } from '../../src/health/check.ts';
import { appCheck, nginxCheck } from '../../src/health/http.ts';
import { tcpCheck } from '../../src/health/tcp.ts';
import { verify } from '../../src/health/verify.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { closedPort, context, listen, loopback } from './loopback.ts';

function site(port: number) {
  return { port, host: 'foobar.com', path: '/', status: 200 };
}

const log = sh`tail -n 20 ${'/var/log/nginx/error.log'}`;

describe('verify', () => {
  it('reports in the order of the request path, regardless of the speed of each hop', async () => {
    const server = createHttp((_, response) => void sleep(60).then(() => response.end('Welcome')));
    const { port, close } = await listen(server);
    const seen: Hop[] = [];
    const checks: Check[] = [
      appCheck(site(port)),
      fpmCheck({ socket: '/nonexistent', path: '/ping' }),
      nginxCheck(site(port)),
      tcpCheck({ port }),
    ];
    const hops = await verify(checks, context(), (hop) => seen.push(hop));
    expect(hops.map(({ hop, ok }) => [hop, ok])).toEqual([
      ['tcp', true],
      ['nginx', true],
      ['php-fpm', false],
      ['app', true],
    ]);
    expect(seen).toEqual(hops);
    expect(hops[1]?.ms).toBeGreaterThanOrEqual(59);
    await close();
  });

  it('checks all hops in parallel', async () => {
    const server = createHttp((_, response) => void sleep(100).then(() => response.end('Welcome')));
    const { port, close } = await listen(server);
    const start = performance.now();
    await verify(
      Array.from({ length: 10 }, () => appCheck(site(port))),
      context(),
      () => {},
    );
    expect(performance.now() - start).toBeLessThan(500);
    await close();
  });

  it('explains a failure with the last ten lines of the log, without secrets', async () => {
    const asked: string[] = [];
    const script = (text: string): string => {
      asked.push(text);
      return `${Array.from({ length: 14 }, (_, index) => `line ${index}`).join('\n')}\n\nPDO->__construct('foobar', 'Zu7aeGh2Ohquie3...')\n`;
    };
    const checks: Check[] = [
      tcpCheck({ port: await closedPort(), log }),
      mysqlCheck({ socket: '/nonexistent', database: 'foobar', user: 'foobar', secret: 'database' }),
    ];
    const [tcp, mysql] = await verify(
      checks,
      context({ transport: loopback({ script }), secret: () => undefined, secrets: [new Secret('Zu7aeGh2Ohquie3Eengu')] }),
      () => {},
    );
    expect(asked).toEqual(['tail -n 20 /var/log/nginx/error.log']);
    expect(tcp?.log).toEqual([
      ...Array.from({ length: 9 }, (_, index) => `line ${index + 5}`),
      "PDO->__construct('foobar', '(sensitive)')",
    ]);
    expect(mysql).not.toHaveProperty('log');
  });

  it('does not read the log of a healthy hop, and tolerates a log that cannot be read', async () => {
    const { port, close } = await listen(createServer());
    const transport: Transport = { ...loopback(), script: () => Promise.reject(new Error('the session ended')) };
    const [well, refused] = await verify(
      [tcpCheck({ port, log }), tcpCheck({ port: await closedPort(), log })],
      context({ transport }),
      () => {},
    );
    expect(well).toMatchObject({ ok: true });
    expect(refused).toMatchObject({ ok: false });
    expect(refused).not.toHaveProperty('log');
    await close();
  });

  it.each([
    ['Internal Error', ['line 1']],
    ['Installer', undefined],
  ])('reads the log of an application that is not set up if it may say more: %s', async (title, expected) => {
    const { port, close } = await listen(createHttp((_, response) => void response.end(`<title>${title}</title>`)));
    const check = appCheck({ ...site(port), whenUnfinished: 'Complete the set-up.', log });
    const [hop] = await verify([check], context({ transport: loopback({ script: () => 'line 1' }) }), () => {});
    expect(hop).toMatchObject({ ok: true, warning: 'Complete the set-up.' });
    expect(hop?.log).toEqual(expected);
    expect(hop).not.toHaveProperty('withoutLog');
    await close();
  });

  it('reports any thrown value as a failed hop', async () => {
    const transport: Transport = {
      ...loopback(),
      open: () => {
        throw new TypeError('a defect');
      },
    };
    const hops = await verify([fpmCheck({ socket: '/run/php.sock', path: '/ping' })], context({ transport }), () => {});
    expect(hops).toEqual([{ hop: 'php-fpm', ok: false, ms: expect.any(Number), detail: '/run/php.sock: a defect' }]);
  });
});
