import { expect, it } from 'vitest';
import { examineNode } from '../../../src/operations/doctor/machine.ts';

it.each([
  ['20.19.0', '2026-04-30', 'ok'],
  ['20.19.0', '2026-05-01', 'warning'],
  ['22.13.0', '2026-11-22', 'ok'],
  ['24.1.0', '2028-05-01', 'warning'],
  // Its end of life is not known yet.
  ['28.0.0', '2030-01-01', 'ok'],
])('Node %s on %s: %s', (version, day, state) => {
  expect(examineNode(version, new Date(`${day}T12:00:00Z`)).state).toBe(state);
});
