import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Change, Plan } from '../../src/engine/plan.ts';
import { requireSpace } from '../../src/engine/space.ts';
import { Problem } from '../../src/error.ts';

const digest = 'd1d2';
const app: Config['sites'][0]['app'] = {
  source: {
    folder: '/app',
    entries: [],
    size: 300e6,
    digest,
    docroot: '.',
    recognised: { name: 'a PHP application', runtime: 'php', docroot: '.', shared: [], writable: [], healthPath: '/' },
    migrations: [],
    contractions: [],
  },
  runtime: 'php',
  hooks: { before: [], after: [] },
  shared: [],
  writable: [],
  env: {},
  keep: 5,
  healthPath: '/',
};
const config: Config = {
  name: 'foobar.com',
  sites: [
    {
      domain: 'foobar.com',
      names: ['foobar.com'],
      app,
      php: { extensions: [], settings: {}, writable: [] },
      workers: {},
      cron: {},
      python: { module: 'app:app', packages: [] },
      database: { engine: 'none', explicit: true, name: 'a', user: 'a' },
      https: { certificate: { kind: 'none' }, guideline: 'intermediate', hsts: 0, proven: false },
      web: { policy: '', cache: 0 },
    },
  ],
  timezone: 'Etc/UTC',
  locale: 'C.UTF-8',
  host: { firewall: false, ssh: false, upgrades: false, limits: false, sandbox: false },
  packages: [],
  playbooks: [],
};

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
    manifest: { schema: 1, name: '', version: '', resources: {}, handlers: {} },
    remarks: [],
    playbooks: ['p'],
  };
  const space = new Map(Object.entries(megabytes).map(([mount, size]) => [mount, (size * 1e6) / 1024]));
  try {
    requireSpace(plan, config, { space }, 'host.test');
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
