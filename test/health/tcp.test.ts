import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { TcpCheck } from '../../src/health/tcp.ts';
import { checkTcp } from '../../src/health/tcp.ts';
import { closedPort, context, listen, loopback } from './loopback.ts';

function check(port: number): TcpCheck {
  return { port };
}

describe('checkTcp', () => {
  it('accepts a port that answers, from here and through SSH', async () => {
    const { port, close } = await listen(createServer());
    expect(await checkTcp(check(port), context())).toEqual({ ok: true, detail: `127.0.0.1:${port} accepts connections` });
    expect(await checkTcp(check(port), context({ direct: false }))).toEqual({
      ok: true,
      detail: `port ${port} of the host accepts connections, through the SSH connection`,
    });
    await close();
  });

  it('says that nothing listens', async () => {
    const port = await closedPort();
    expect(await checkTcp(check(port), context())).toEqual({
      ok: false,
      detail: `connection refused on 127.0.0.1:${port}: nothing listens there`,
    });
  });

  it('recognizes a service that only the host itself can reach', async () => {
    const { port, close } = await listen(createServer());
    const elsewhere = context({ transport: loopback({ address: '127.0.0.2' }) });
    expect(await checkTcp(check(port), elsewhere)).toEqual({
      ok: false,
      detail: `connection refused on 127.0.0.2:${port}: the service listens on loopback only, or a firewall rejects us: the host itself can connect`,
    });
    await close();
  });
});
