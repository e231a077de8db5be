import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import app from '../../playbooks/application/release.ts';
import { readSource } from '../../src/application/source.ts';
import { gather } from '../../src/engine/playbook.ts';
import type { Config } from '../../src/index.ts';
import { changedMeanwhile, completeTransfer, sourcesOf } from '../../src/release/transfer.ts';
import { archive, upload } from '../../src/release/upload.ts';
import { planOf } from '../engine/plans.ts';
import { config } from '../playbooks/configs.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';
import { recordingTransport } from '../transport/recording.ts';

let folder: string;
const long = `${'d'.repeat(120)}/${'f'.repeat(120)}.txt`;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'upload-'));
  for (const [path, content] of Object.entries({
    'app/index.php': '<?php',
    'app/a b/ü.txt': 'ü',
    'app/empty': '',
    [`app/${long}`]: 'long',
    'app/big': 'x'.repeat(300_000),
  })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(join(folder, 'app/run.sh'), '#!/bin/sh', { mode: 0o700 });
  chmodSync(join(folder, 'app/index.php'), 0o600);
  symlinkSync('index.php', join(folder, 'app/link'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const source = () => readSource(join(folder, 'app'), {}, () => {});

describe('the archive', () => {
  test('arrives unchanged, with modes that PHP can read and executable files still executable', async () => {
    const parts: number[] = [];
    const began = performance.now();
    const bytes = await buffer(archive(completeTransfer(await source()), ({ part }) => parts.push(part)));
    const there = join(folder, 'there');
    mkdirSync(there);
    expect(String(spawnSync('tar', ['-xf', '-', '--no-same-owner', '-C', there], { input: bytes }).stderr)).toBe('');
    for (const path of ['index.php', 'a b/ü.txt', 'empty', long, 'big', 'run.sh'])
      expect(readFileSync(join(there, path)).equals(readFileSync(join(folder, 'app', path)))).toBe(true);
    expect(readlinkSync(join(there, 'link'))).toBe('index.php');
    const mode = (path: string) => (lstatSync(join(there, path)).mode & 0o777).toString(8);
    expect([mode('index.php'), mode('run.sh'), mode('empty')]).toEqual(['644', '755', '644']);
    expect(parts).toEqual([...parts].sort((one, other) => one - other));
    // Ten words a second, the first and the last beside them.
    expect([parts.length > 1, parts.length <= 2 + (performance.now() - began) / 100, parts.at(-1)]).toEqual([true, true, 1]);
  });

  test('contains a file that the folder lacks and applications of this kind get', async () => {
    const wordpress = join(folder, 'wordpress');
    mkdirSync(wordpress);
    for (const name of ['index.php', 'wp-load.php', 'wp-settings.php']) writeFileSync(join(wordpress, name), '<?php');
    const found = await readSource(wordpress, {}, () => {});
    const input = await buffer(archive(completeTransfer(found), () => {}));
    const { stdout } = spawnSync('tar', ['-xOf', '-', 'wp-config.php'], { input, encoding: 'utf8' });
    expect(stdout).toBe(found.texts['wp-config.php']);
    expect(stdout).toMatch(/^<\?php\n/);
  });

  test('contains what was hashed: a file that has changed since aborts it', async () => {
    const looked = completeTransfer(await source());
    writeFileSync(join(folder, 'app/big'), 'y'.repeat(300_000));
    await expect(buffer(archive(looked, () => {}))).rejects.toThrow('"big" changed before or while it was being sent.');
  });

  test('names a file that was removed by then', async () => {
    const looked = completeTransfer(await source());
    rmSync(join(folder, 'app/big'));
    await expect(buffer(archive(looked, () => {}))).rejects.toThrow('"big" could not be read in order to send it: ENOENT');
  });

  test('a link that has changed since aborts it too', async () => {
    const looked = completeTransfer(await source());
    rmSync(join(folder, 'app/link'));
    symlinkSync('/etc/passwd', join(folder, 'app/link'));
    await expect(buffer(archive(looked, () => {}))).rejects.toThrow('"link" changed before or while it was being sent.');
    rmSync(join(folder, 'app/link'));
    symlinkSync('index.php', join(folder, 'app/link'));
  });
});

describe('what is sent', () => {
  const planned = (wanted: Config) => planOf({ p: gather([app], viewOf(wanted, trixie)).map(({ resource }) => resource) });

  test('is what the plan fills a release with, once for any number of sites', () => {
    const wanted = config({}, { domain: 'two.test' }, { domain: 'three.test', source: { digest: 'b'.repeat(64) } });
    expect(sourcesOf(planned(wanted), wanted).map(({ source: { digest } }) => digest)).toEqual([
      '0123456789abcdef'.repeat(4),
      'b'.repeat(64),
    ]);
    expect(sourcesOf(planOf({}), wanted)).toEqual([]);
  });
});

describe('upload', () => {
  test.each([
    ['No space left on device', /Make room/],
    ['tar: Cannot open: Read-only file system', /live site was not changed/],
  ])('that fails with %j says what to do', async (stderr, hint) => {
    const transport = recordingTransport([[/tar -xzf/, { code: 2, stderr }]]);
    await expect(
      upload(transport, completeTransfer(await source()), 'run-1', () => {}, new AbortController().signal),
    ).rejects.toMatchObject({
      details: { stderr, hint: expect.stringMatching(hint), host: 'host.test' },
    });
  });

  test.each([
    ['', 'its files have changed since the plan was made'],
    ['the record of the live release is damaged\n', 'the record of the live release is damaged'],
  ])('that cannot use the live release says why: %j', async (stderr, reason) => {
    const transport = recordingTransport([[/tar -xzf/, { code: changedMeanwhile, stderr }]]);
    await expect(
      upload(transport, completeTransfer(await source()), 'run-1', () => {}, new AbortController().signal),
    ).rejects.toMatchObject({
      message: `The new release cannot be made from the live one on host.test: ${reason}.`,
      details: { hint: 'Run again: the affected files will be sent again.' },
    });
  });
});
