import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeAfterLostLink, reconnectProbe, revertSeconds } from '../../src/engine/lockout-guard.ts';
import { Problem } from '../../src/error.ts';
import { file } from '../../src/index.ts';
import type { Event } from '../../src/operations/event.ts';
import { recordingTransport } from '../transport/recording.ts';
import { planOf } from './plans.ts';

const run = '/var/lib/foobar-provision/runs/run-1';
const access = planOf({ ssh: [file('/etc/ssh/sshd_config', { content: 'Port 22' })] });
const harmless = planOf({ web: [file('/etc/x', { content: 'x' })] });

afterEach(() => vi.unstubAllEnvs());

describe('a new login', () => {
  test('that works is recorded on the host, over the new connection', async () => {
    const transport = recordingTransport([[/proven/, '']]);
    await reconnectProbe(transport, 'run-1')(60);
    expect(transport.calls).toEqual([{ kind: 'script', text: `: >${run}/proven` }, { kind: 'close' }]);
  });

  test('that fails is reported over the old connection', async () => {
    const transport = recordingTransport([[/refused/, '']]);
    const again = () => Promise.reject(new Problem({ message: "It's closed." }));
    await reconnectProbe({ ...transport, again }, 'run-1')(5);
    expect(transport.calls).toEqual([{ kind: 'script', text: `printf '%s\\n' 'It'\\''s closed.' >${run}/refused` }]);
  });

  test('that fails together with the old connection is left to the host', async () => {
    const again = () => Promise.reject(new Problem({ message: 'Nobody answers.' }));
    await expect(reconnectProbe({ ...recordingTransport(), again }, 'run-1')(5)).resolves.toBeUndefined();
  });
});

describe('after the connection was lost', () => {
  test.each([
    ['end\tok\n', { kind: 'ok' }],
    ['begin\t1\tx\nend\treverted\n', { kind: 'reverted' }],
    ['begin\t1\tx\n', { kind: 'interrupted' }],
  ])('the host is asked how the run ended: %j', async (journal, ending) => {
    const transport = recordingTransport([[/cat journal/, journal]]);
    expect(await outcomeAfterLostLink(transport, 'run-1', access, () => {})).toEqual(ending);
    expect(transport.calls.at(-1)).toEqual({ kind: 'close' });
  });

  test('waits for a run that continues, and reports that once', async () => {
    const answers = ['going\n', 'going\n', 'end\treverted\n'];
    const transport = recordingTransport([[/cat journal/, () => answers.shift() ?? '']]);
    const events: Event[] = [];
    vi.useFakeTimers();
    const ending = outcomeAfterLostLink(transport, 'run-1', access, (event) => events.push(event));
    await vi.runAllTimersAsync().finally(() => vi.useRealTimers());
    expect(await ending).toEqual({ kind: 'reverted' });
    expect(events).toEqual([{ event: 'note', host: 'host.test', text: expect.stringContaining('The host reverts them within 60 s.') }]);
  });

  test('nobody is asked if SSH access was not changed', async () => {
    expect(await outcomeAfterLostLink(recordingTransport(), 'run-1', harmless, () => {})).toBeUndefined();
  });
});

test('the seconds until a revert are the user’s, within bounds', () => {
  expect(revertSeconds('')).toBe(60);
  expect(revertSeconds('5')).toBe(5);
  for (const wrong of ['4', '601', '1.5', 'x']) expect(() => revertSeconds(wrong)).toThrow('FOOBAR_REVERT_SECONDS');
});
