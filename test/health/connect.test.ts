import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStream, placeOf } from '../../src/health/connect.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { within } from '../../src/within.ts';
import { context, listen, loopback } from './loopback.ts';

describe('open', () => {
  it('closes the stream at its deadline, and a stream that opens later immediately', async () => {
    const { port, close } = await listen(createServer());
    const inTime = await within(1, (signal) => openStream(loopback(), { port }, signal));
    expect(inTime.destroyed).toBe(true);

    const stream = await loopback().open({ port });
    const slow: Transport = { ...loopback(), open: () => sleep(50).then(() => stream) };
    await expect(within(0.02, (signal) => openStream(slow, { port }, signal))).rejects.toThrow('no answer within 0.02 s');
    await once(stream, 'close');
    await close();
  });
});

describe('placeOf', () => {
  it.each([
    { address: '198.18.0.2', direct: true, place: '198.18.0.2:80' },
    { address: '2001:db8::1', direct: true, place: '[2001:db8::1]:80' },
    { address: '198.18.0.2', direct: false, place: 'port 80 of the host' },
  ])('$place', ({ address, direct, place }) => {
    expect(placeOf(context({ transport: loopback({ address }), direct }), 80)).toBe(place);
  });
});
