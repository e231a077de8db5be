import { describe, expect, test } from 'vitest';
import { jsonReporter } from '../../../src/cli/output/json.ts';
import type { HostResult, Result } from '../../../src/operations/event.ts';
import { captured } from './captured.ts';

const written = captured();
const lines = () =>
  written.out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('the result', () => {
  const total = { ok: true, changed: 3, checked: 9, healthy: true, exitCode: 0 } as const;
  const of = (...hosts: readonly HostResult[]): Result => ({ ...total, hosts });
  const promised = ['at', 'changed', 'checked', 'durationMs', 'event', 'exitCode', 'healthy', 'ok'];

  test('of one host has exactly the documented keys', () => {
    jsonReporter().finish(of({ ...total, host: 'one' }));
    expect(lines().at(-1)).toMatchObject({ event: 'result', ...total });
    expect(Object.keys(Object(lines().at(-1))).toSorted()).toEqual(promised);
  });

  test('of several hosts has the result of each', () => {
    const hosts = [
      { ...total, host: 'one', changed: 1 },
      { ...total, host: 'two', changed: 2 },
    ];
    jsonReporter().finish(of(...hosts));
    expect(lines().at(-1)).toMatchObject({ event: 'result', ...total, hosts });
  });
});

test('an event about a host names it', () => {
  const { emit } = jsonReporter();
  emit({ event: 'stage', host: 'one', text: 'reading the host' });
  emit({ event: 'progress', host: 'one', part: 0.5, text: 'sending' });
  emit({ event: 'note', host: 'one', text: 'HTTPS works.' });
  emit({ event: 'note', text: 'Nothing was written.' });
  expect(lines().slice(1)).toMatchObject([
    { event: 'stage', host: 'one' },
    { event: 'progress', host: 'one', part: 0.5 },
    { event: 'note', host: 'one' },
    { event: 'note', text: 'Nothing was written.' },
  ]);
  expect(lines().at(-1)).not.toHaveProperty('host');
});
