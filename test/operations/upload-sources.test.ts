import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import app from '../../playbooks/application/release.ts';
import { readSource } from '../../src/application/source.ts';
import { gather } from '../../src/engine/playbook.ts';
import { exitCode } from '../../src/error.ts';
import type { Event } from '../../src/operations/event.ts';
import { uploadSources } from '../../src/operations/upload-sources.ts';
import { planOf } from '../engine/plans.ts';
import { config } from '../playbooks/configs.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';
import { recordingTransport } from '../transport/recording.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sourceOf = async (name: string) => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'index.php'), name);
  return readSource(join(folder, name), {}, () => {});
};

/** Uploads the applications of sites, after a file of some was removed. */
async function uploaded(applications: readonly string[], missing: readonly string[]) {
  const sources = new Map(await Promise.all([...new Set(applications)].map(async (name) => [name, await sourceOf(name)] as const)));
  const given = config(...applications.map((name, index) => ({ domain: `${'abc'[index]}.test`, source: sources.get(name) ?? {} })));
  for (const name of missing) rmSync(join(folder, name, 'index.php'));
  const plan = planOf({ app: gather([app], viewOf(given, trixie)).map(({ resource }) => resource) });
  const events: Event[] = [];
  const context = { emit: (event: Event) => void events.push(event), signal: new AbortController().signal };
  const failed = await uploadSources({ config: given, transport: recordingTransport([[/arrive/, '']]) }, plan, new Map(), 'run-1', context);
  return { failed, told: events.filter(({ event }) => event === 'site') };
}

describe('an upload for several sites', () => {
  test.each<readonly [string, readonly string[], readonly string[], readonly string[]]>([
    ['nothing fails', ['one', 'two', 'three'], [], []],
    ['a file of one is missing', ['one', 'two', 'three'], ['two'], ['b.test']],
    ['a file of two is missing', ['one', 'two', 'three'], ['one', 'two'], ['a.test', 'b.test']],
    ['a file is missing in what two have in common', ['one', 'two', 'one'], ['one'], ['a.test', 'c.test']],
  ])('leaves out those whose files fail: %s', async (_, applications, missing, expected) => {
    const { failed, told } = await uploaded(applications, missing);
    expect(failed.map(({ site }) => site)).toEqual(expected);
    for (const { site, problem } of failed) {
      expect(problem.message).toMatch(new RegExp(`^The application of ${site} could not be uploaded. "index.php" could not be read`));
      expect(problem).toMatchObject({
        exit: exitCode.failed,
        details: { site, hint: expect.stringContaining(`${site} serves as before.`) },
      });
    }
    expect(told.map((event) => event.event === 'site' && [event.site, event.state])).toEqual(expected.map((site) => [site, 'left out']));
  });

  test.each([
    ['all sites', ['one', 'two'], ['one', 'two']],
    ['the only site', ['one'], ['one']],
  ])('fails if the files of %s do', async (_, applications, missing) => {
    await expect(uploaded(applications, missing)).rejects.toThrow('"index.php" could not be read in order to send it');
  });
});
