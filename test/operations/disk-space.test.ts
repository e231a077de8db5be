import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf, type Entry, listOf } from '../../src/application/file-list.ts';
import { sh } from '../../src/command/command.ts';
import type { Config } from '../../src/config/config.ts';
import type { Change, Plan } from '../../src/engine/plan.ts';
import { Problem } from '../../src/error.ts';
import { requireSpace } from '../../src/operations/disk-space.ts';
import { config } from '../playbooks/configs.ts';
import { recordingTransport } from '../transport/recording.ts';

const digest = 'd1d2';
const entries: readonly Entry[] = [{ path: 'film.mp4', type: 'f', hash: '0'.repeat(64) }];
const sizes = new Map([['film.mp4', 73_242 * 4096]]);
const wanted = config({ source: { size: 300e6, sizes, entries, digest } });

const base = { action: 'create', summary: '', playbook: 'p', reason: 'new', notify: [], shell: [] } as const;
const install: Change = {
  ...base,
  resource: { kind: 'package', id: 'nginx' },
  phase: 'packages',
  step: { kind: 'install', enqueue: sh`queue_install nginx`, verify: sh`:` },
  effects: [{ kind: 'fetches', packages: 1, bytes: 60e6 }],
};
const fill: Change = {
  ...base,
  resource: { kind: 'release', id: '/srv/a' },
  phase: 'state',
  step: { kind: 'plain', apply: sh`fill` },
  effects: [{ kind: 'sends', digest }],
};

async function refusal(
  changes: readonly Change[],
  megabytes: Readonly<Record<string, number>>,
  files: Readonly<Record<string, number>> = {},
  asked: Config = wanted,
  transport = recordingTransport([]),
): Promise<string | undefined> {
  const plan: Plan = {
    name: 'foobar.com',
    changes,
    handlers: [],
    clearedHandlers: [],
    refused: [],
    checked: 1,
    before: {},
    manifest: { schema: 1, name: '', version: '', resources: {}, handlers: {} },
    remarks: [],
    playbooks: ['p'],
    parts: [],
  };
  const space = new Map(Object.entries(megabytes).map(([mount, size]) => [mount, (size * 1e6) / 1024]));
  try {
    await requireSpace(transport, plan, asked, { space, inodes: new Map(Object.entries(files)) });
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
    ['a host whose free space is unknown', [install, fill], {}, undefined],
  ])('%s', async (_, changes, space, message) => {
    if (message === undefined) expect(await refusal(changes, space)).toBeUndefined();
    else expect(await refusal(changes, space)).toContain(message);
  });

  const small = (count: number): readonly Entry[] =>
    Array.from({ length: count }, (_, n) => ({ path: `a/${n % 10}/${n}`, type: 'f' as const, hash: String(n % 10).repeat(64) }));
  const many = (more: Partial<Config['sites'][number]['app']> = {}) =>
    config({ app: more, source: { entries: small(1000), sizes: new Map(small(1000).map(({ path }) => [path, 10])), digest } });

  test('counts files too: each needs an inode and at least four kilobytes, and so do folders and copies of what PHP may write', async () => {
    expect(await refusal([fill], { '/': 60 }, { '/': 1511 }, many())).toBeUndefined();
    expect(await refusal([fill], { '/': 54 }, { '/': 1510 }, many())).toBe(
      'There is too little space on host.test: / has 54 MB free and needs about 55 MB; / has room for 1510 more files and needs about 1511.',
    );
    expect(await refusal([fill], { '/': 60 }, { '/': 1610 }, many({ writable: ['a/3'] }))).toMatch(/needs about 1611\.$/);
    expect(await refusal([install], { '/': 5000, '/var': 5000 }, { '/': 7_999, '/var': 1_699 })).toBe(
      'There is too little space on host.test: / has room for 7999 more files and needs about 8000; /var has room for 1699 more files and needs about 1700.',
    );
  });

  test('counts only the new files of a release that is based on another, unless it is on another file system, where nothing can be linked', async () => {
    const { entries: now } = many().sites[0]?.app.source ?? { entries: [] };
    const base = { release: '/srv/www/a/releases/1', record: '/records/1', digest: digestOf(listOf(now.slice(1))), missing: [] };
    const from: Change = { ...fill, effects: [{ kind: 'sends', digest, base }] };
    const list = gzipSync(listOf(now.slice(1))).toString('base64');
    const refused = (mounts: Readonly<Record<string, number>>, files: Readonly<Record<string, number>>) =>
      refusal([from], mounts, files, many(), recordingTransport([[/gzip -c/, { stdout: list }]]));
    expect(await refused({ '/': 60 }, { '/': 511 })).toMatch(/needs about 512\.$/);
    expect(await refused({ '/': 60 }, { '/': 512 })).toBeUndefined();
    expect(await refused({ '/': 60, '/srv': 60 }, { '/': 512, '/srv': 5_000 })).toMatch(
      /: \/ has room for 512 more files and needs about 1511\.$/,
    );
  });
});
