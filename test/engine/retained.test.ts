import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Manifest, manifestOf } from '../../src/engine/manifest.ts';
import { withRemovals } from '../../src/engine/plan.ts';
import { nameOf, parseName } from '../../src/engine/resource-id.ts';
import { parseRecorded, type Recorded, recordedScript } from '../../src/engine/retained.ts';
import { stateFolder } from '../../src/host-paths.ts';
import { live, packages } from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { planOf } from './plans.ts';

describe('the releases on record', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, readonly Recorded[]>>]>([
    ['are none', {}, {}],
    [
      'are those that were live, the last one first, each with what it needs',
      {
        'a.test/history': '9 one\n11 two\n',
        'a.test/one/needs': 'package:x\npackage:y\n',
        'a.test/two/needs': '',
        'a.test/two/live.json': '',
      },
      {
        'a.test': [
          { release: 'two', needs: [] },
          { release: 'one', needs: [parseName('package:x'), parseName('package:y')] },
        ],
      },
    ],
    ['are of an older version', { 'a.test/history': '1 one\n', 'a.test/one/live.json': '' }, { 'a.test': [{ release: 'one' }] }],
    [
      'were never counted',
      { 'a.test/one/live.json': '', 'b.test/two/needs': 'package:x\n' },
      { 'a.test': [{ release: 'one' }], 'b.test': [{ release: 'two', needs: [parseName('package:x')] }] },
    ],
  ])('%s', (_, files, expected) => {
    const state = mkdtempSync(join(tmpdir(), 'retained-'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(state, 'releases', path)), { recursive: true });
      writeFileSync(join(state, 'releases', path), content);
    }
    const { stdout } = spawnSync('dash', ['-c', recordedScript.text.replaceAll(stateFolder, state)], { encoding: 'utf8' });
    rmSync(state, { recursive: true });
    expect(Object.fromEntries(parseRecorded(stdout))).toEqual(expected);
  });
});

describe('what a release on the host needs', () => {
  const wanted = [live('/srv/www/a.test/current', { release: 'new', keep: 2 })].map((resource) => ({ playbook: 'app', resource }));
  const manifest: Manifest = manifestOf(
    'foobar.com',
    '1',
    packages('php8.2-fpm', 'tree').map((resource) => ({ playbook: resource.id === 'tree' ? 'base' : 'php', resource })),
    new Map([
      ['package:php8.2-fpm', undefined],
      ['package:tree', undefined],
    ]),
  );
  const old = { release: 'old', needs: [parseName('package:php8.2-fpm')] };
  test.each<readonly [string, readonly Recorded[], readonly string[]]>([
    ['stays with the release before', [old], ['package:tree']],
    ['stays if the needs of the release before were not recorded', [{ release: 'old' }], ['package:tree']],
    ['is removed in the run that prunes the release', [{ release: 'middle', needs: [] }, old], ['package:php8.2-fpm', 'package:tree']],
    ['is removed if the same release runs with something else', [{ ...old, release: 'new' }], ['package:php8.2-fpm', 'package:tree']],
    ['is removed if no site is left', [], ['package:php8.2-fpm', 'package:tree']],
  ])('%s', (_, recorded, removed) => {
    const remembered = { manifest, others: [], pendingHandlers: [], releases: new Map([['a.test', recorded]]) };
    const gone = withRemovals(wanted, remembered, kinds).slice(wanted.length);
    expect(gone.map(({ resource }) => nameOf(resource)).sort()).toEqual([...removed].sort());
    const { manifest: next } = planOf({ app: wanted.map(({ resource }) => resource) }, {}, remembered);
    expect('package:php8.2-fpm' in next.resources).toBe(!removed.includes('package:php8.2-fpm'));
  });
});
