import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listOf } from '../../src/application/file-list.ts';
import { readSource } from '../../src/application/source.ts';
import { keep } from '../../src/cache.ts';
import { type Manifest, manifestOf } from '../../src/engine/manifest.ts';
import { guessReleases, keepReleases, type LiveReleases, releasesIn, sendAhead } from '../../src/release/early-upload.ts';
import { changedMeanwhile } from '../../src/release/transfer.ts';
import { config } from '../playbooks/configs.ts';
import { recordingTransport } from '../transport/recording.ts';

let folder: string;
const app = () => join(folder, 'app');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ahead-'));
  mkdirSync(app());
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  for (const path of ['kept', 'other']) writeFileSync(join(app(), path), 'first');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const releaseOf = (digest: string) => `/srv/www/foobar.com/releases/${digest.slice(0, 12)}`;
const remembering = (digest: string): Manifest => {
  const resource = { kind: 'release', id: releaseOf(digest), attributes: {}, notify: [] };
  return manifestOf('foobar.com', '1.0.0', [{ playbook: 'app', resource }], new Map());
};
const read = (options = {}) => readSource(app(), options, () => {});

/** Sends the application after `change` ahead, and returns both digests, the commands for the host, and the result. */
async function ahead(change: () => void, { isKnown = true, checksum = false, code = 0, remembers = true } = {}) {
  const first = await read();
  if (isKnown) await keep(listOf(first.entries), 'lists', first.digest);
  change();
  const second = await read({ checksum });
  const transport = recordingTransport([[/^arrive /m, { code }]]);
  const wanted = config({ source: second });
  const releases: LiveReleases = remembers ? releasesIn(remembering(first.digest), wanted) : new Map();
  const sent = await sendAhead(transport, wanted, releases, 'run-1', new AbortController().signal);
  return { first, second, asked: transport.calls.map((call) => ('text' in call ? call.text : call.kind)), sent };
}
const edit = () => writeFileSync(join(app(), 'other'), 'second');

describe('what is sent ahead', () => {
  test('contains the differences from the recorded release, for a host that has that release and not yet the new one', async () => {
    const { first, second, asked, sent } = await ahead(edit);
    expect(asked).toHaveLength(1);
    const record = `/var/lib/foobar-provision/releases/foobar.com/${first.digest.slice(0, 12)}`;
    expect(asked[0]).toMatch(new RegExp(`^arrive ${second.digest} .* ${releaseOf(first.digest)} ${record}$`, 'm'));
    expect(asked[0]).toContain(
      `\nexpect_release ${releaseOf(second.digest)} /srv/www/foobar.com/current ${releaseOf(first.digest)} ${record}\n`,
    );
    expect(asked[0]).toContain(`changed_meanwhile=${changedMeanwhile}\n`);
    const found = sent.get(second.digest);
    expect(found?.transfer.filesToSend.map(({ path }) => path)).toEqual(['other']);
    expect(found?.events).toMatchObject([{ event: 'progress', part: 1, text: 'sending the application (1 of 2 files)' }]);
  });

  test('does not count as sent if the host did not accept it', async () => {
    const { asked, sent } = await ahead(edit, { code: changedMeanwhile });
    expect([asked.length, sent.size]).toEqual([1, 0]);
  });

  test.each<readonly [string, () => void, NonNullable<Parameters<typeof ahead>[1]>]>([
    ['nothing is remembered', edit, { remembers: false }],
    ['nothing is different', () => {}, {}],
    ['the list of the last release is not known here', edit, { isKnown: false }],
    ['times are not trusted', edit, { checksum: true }],
    ['it is much', () => writeFileSync(join(app(), 'other'), Buffer.alloc((4 << 20) + 1)), {}],
  ])('is empty if %s', async (_, change, options) => {
    const { asked, sent } = await ahead(change, options);
    expect([asked, sent.size]).toEqual([[], 0]);
  });
});

test('the live release is guessed by the names of the host and the site, until this machine deploys there again', async () => {
  const wanted = config({});
  expect(await guessReleases('root@one', wanted)).toEqual(new Map());
  await keepReleases('root@one', releasesIn(remembering('0123456789abcdef'), wanted));
  expect(await guessReleases('root@one', wanted)).toEqual(new Map([['foobar.com', '/srv/www/foobar.com/releases/0123456789ab']]));
  expect(await guessReleases('root@two', wanted)).toEqual(new Map());
  expect(await guessReleases('root@one', config({}, { domain: 'other.test' }))).toEqual(
    new Map([['foobar.com', '/srv/www/foobar.com/releases/0123456789ab']]),
  );
});
