import { describe, expect, test } from 'vitest';

import type { Change, Plan } from '../../src/engine/plan.ts';
import { requireSpace } from '../../src/engine/space.ts';
import { Problem } from '../../src/error.ts';
import { config } from '../playbooks/configs.ts';

const digest = 'd1d2';
const wanted = config({ source: { size: 300e6, digest } });

const base = { action: 'create', summary: '', playbook: 'p', reason: 'new', notify: [] } as const;
const install: Change = {
  ...base,
  resource: 'package:nginx',
  phase: 'packages',
  apply: { kind: 'command', text: '' },
  fetch: { packages: 1, bytes: 60e6 },
};
const fill: Change = { ...base, resource: 'release:/srv/a', phase: 'state', sends: { digest }, apply: { kind: 'command', text: 'fill' } };

function refusal(changes: readonly Change[], megabytes: Readonly<Record<string, number>>): string | undefined {
  const plan: Plan = {
    name: 'foobar.com',
    changes,
    handlers: [],
    settled: [],
    refused: [],
    checked: 1,
    before: {},
    manifest: { schema: 1, name: '', version: '', resources: {}, handlers: {} },
    remarks: [],
    playbooks: ['p'],
  };
  const space = new Map(Object.entries(megabytes).map(([mount, size]) => [mount, (size * 1e6) / 1024]));
  try {
    requireSpace(plan, wanted, { space }, 'host.test');
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.message : String(error);
  }
}

describe('requireSpace', () => {
  test.each<[string, readonly Change[], Record<string, number>, string | undefined]>([
    ['one disk that holds all of it', [install, fill], { '/': 1011 }, undefined],
    ['one disk that does not', [install, fill], { '/': 1009 }, '/ has 1009 MB free and needs about 1010 MB'],
    ['a small /usr alone', [install], { '/': 5000, '/usr': 400 }, '/usr has 400 MB free and needs about 410 MB'],
    ['/var of its own, the archives too', [install], { '/': 500, '/var': 100 }, '/var has 100 MB free and needs about 350 MB'],
    [
      'an application that arrives on one disk and moves to another',
      [fill],
      { '/': 349, '/srv': 349 },
      '/srv has 349 MB free and needs about 350 MB; / has 349',
    ],
    ['nothing that takes space, on a full disk', [], { '/': 0 }, undefined],
    ['a host that does not tell', [install, fill], {}, undefined],
  ])('%s', (_, changes, space, message) => {
    if (message === undefined) expect(refusal(changes, space)).toBeUndefined();
    else expect(refusal(changes, space)).toContain(message);
  });
});
