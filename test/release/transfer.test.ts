import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listOf } from '../../src/application/file-list.ts';
import { readSource } from '../../src/application/source.ts';
import type { Base } from '../../src/engine/effect.ts';
import { releases } from '../../src/engine/run-libraries.ts';
import { definitionsOf } from '../../src/engine/shell-library.ts';
import { arrivalScript, changedMeanwhile, completeTransfer, type Transfer, transferOf } from '../../src/release/transfer.ts';
import { archive } from '../../src/release/upload.ts';
import { recordingTransport } from '../transport/recording.ts';

vi.setConfig({ testTimeout: 60_000 });

/** `app` is the local folder, and `host` is the root of the simulated host. */
let app: string;
let host: string;
beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'app-'));
  host = mkdtempSync(join(tmpdir(), 'host-'));
  vi.stubEnv('XDG_CACHE_HOME', join(host, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const path of [app, host]) rmSync(path, { recursive: true });
});

function write(files: Readonly<Record<string, string>>, folder = app): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
const releasesFunction = definitionsOf([releases]).text;
const source = () => readSource(app, {}, () => {});
const transport = recordingTransport([]);

/** Sends it like the program, through the same shell that a host has. */
async function send(parcel: Transfer) {
  const order = gzipSync(parcel.order);
  const files = await buffer(archive(parcel, () => {}).pipe(createGzip()));
  const script = arrivalScript(parcel, order.length, 'run-1').text.replaceAll('/var/lib/foobar-provision', `${host}/state`);
  const { status, stderr } = spawnSync('dash', ['-c', script], { input: Buffer.concat([order, files]) });
  return { code: status, stderr: String(stderr), bytes: order.length + files.length };
}

/** Creates a release from the upload, and the record that a run would create. */
function become(id: string, digest: string, apart: readonly string[] = []): Base {
  const [release, record] = [join(host, 'releases', id), join(host, 'records', id)];
  mkdirSync(dirname(release), { recursive: true });
  mkdirSync(record, { recursive: true });
  const arrival = join(host, 'state/incoming', digest);
  spawnSync('mv', ['-T', `${arrival}/files`, release]);
  spawnSync('cp', [`${arrival}/list`, record]);
  for (const path of apart) {
    mkdirSync(dirname(join(record, 'apart.d', path)), { recursive: true });
    spawnSync('mv', ['-T', join(release, path), join(record, 'apart.d', path)]);
    symlinkSync('/nowhere', join(release, path));
  }
  if (apart.length > 0) writeFileSync(join(record, 'apart'), apart.map((path) => `${path}\0`).join(''));
  const made = spawnSync('dash', ['-c', `${releasesFunction}\nreleases record "$@"`, 'sh', release, record, digest]);
  expect(String(made.stderr)).toBe('');
  return { release, record, digest, missing: [] };
}

const tree = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(folder, path)).isDirectory())
    .sort()
    .map((path) => [
      path,
      lstatSync(join(folder, path)).isSymbolicLink() ? readlinkSync(join(folder, path)) : readFileSync(join(folder, path), 'utf8'),
    ]);
const arrived = (digest: string) => join(host, 'state/incoming', digest, 'files');
const odd = {
  'a\nline\\of "names"': '1',
  "it's $HOME `id` ;|&*": '2',
  '-rf': '3',
  'ünï/😀/｡': '4',
  [`${'d'.repeat(120)}/${'f'.repeat(200)}`]: '5',
};

describe('an arrival', () => {
  test('contains everything that was sent, with names of every kind, and the list that its digest identifies', async () => {
    write(odd);
    symlinkSync('-rf', join(app, 'link'));
    chmodSync(join(app, '-rf'), 0o4755);
    const wanted = await source();
    expect(await send(completeTransfer(wanted))).toMatchObject({ code: 0, stderr: '' });
    expect(tree(arrived(wanted.digest))).toEqual(tree(app));
    expect(readFileSync(join(arrived(wanted.digest), '../list'), 'utf8')).toBe(listOf(wanted.entries));
    // Executable files are still executable, without setuid or setgid.
    expect(lstatSync(join(arrived(wanted.digest), '-rf')).mode & 0o7777).toBe(0o755);
    expect(JSON.parse(readFileSync(join(arrived(wanted.digest), '../release.json'), 'utf8'))).toMatchObject({
      digest: wanted.digest,
      files: 6,
      size: 5,
    });
  });

  test('based on a release takes unchanged files from it, and only the others are sent', async () => {
    write({ ...odd, 'kept.bin': 'k'.repeat(100_000), 'gone.txt': 'x', 'a/changed.php': 'old', 'becomes/a-folder': 'x' });
    symlinkSync('kept.bin', join(app, 'link'));
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest);
    const before = tree(base.release);
    rmSync(join(app, 'gone.txt'));
    rmSync(join(app, 'becomes'), { recursive: true });
    write({ 'a/changed.php': 'new', 'a/b/new.php': 'new', becomes: 'a file' });
    const second = await source();
    const parcel = await transferOf(transport, second, base);
    expect(parcel.filesToSend.map(({ path }) => path)).toEqual(['a/b/new.php', 'a/changed.php', 'becomes']);
    expect(parcel.changed).toEqual({
      added: ['a/b/new.php', 'becomes'],
      changed: ['a/changed.php'],
      removed: ['becomes/a-folder', 'gone.txt'],
    });
    const sent = await send(parcel);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(sent.bytes).toBeLessThan(1500);
    expect(tree(arrived(second.digest))).toEqual(tree(app));
    // Unchanged files are linked and changed ones are new files, so that the live release stays the same.
    const inode = (folder: string, path: string) => lstatSync(join(folder, path)).ino;
    expect(inode(arrived(second.digest), 'kept.bin')).toBe(inode(base.release, 'kept.bin'));
    expect(inode(arrived(second.digest), 'a/changed.php')).not.toBe(inode(base.release, 'a/changed.php'));
    expect(tree(base.release)).toEqual(before);
  });

  test('contains empty folders in both cases, and one that is missing or became a file is sent again', async () => {
    write({ 'index.php': '1' });
    const logs = join(app, 'storage/logs');
    for (const path of [logs, join(app, 'gone'), join(app, 'filled')]) mkdirSync(path, { recursive: true });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const folders = (below: string) =>
      readdirSync(below, { recursive: true, encoding: 'utf8' })
        .filter((path) => lstatSync(join(below, path)).isDirectory())
        .sort();
    expect(folders(arrived(first.digest))).toEqual(['filled', 'gone', 'storage', 'storage/logs']);
    const base = become('one', first.digest);
    rmSync(join(app, 'gone'), { recursive: true });
    mkdirSync(join(app, 'new/folder'), { recursive: true });
    write({ 'filled/a': '1' });
    // Changes in a folder's content do not count as a change of the folder.
    write({ 'storage/logs/mine': 'mine' }, base.release);
    const second = await source();
    const parcel = await transferOf(transport, second, base);
    expect(parcel.changed).toEqual({ added: ['filled/a', 'new/folder'], changed: [], removed: ['filled', 'gone'] });
    expect(await send(parcel)).toMatchObject({ code: 0, stderr: '' });
    expect([folders(arrived(second.digest)), tree(arrived(second.digest))]).toEqual([folders(app), tree(app)]);

    rmSync(join(base.release, 'storage/logs'), { recursive: true });
    rmSync(join(base.release, 'gone'), { recursive: true });
    writeFileSync(join(base.release, 'gone'), 'a file');
    const run = (task: string, ...words: readonly string[]) =>
      spawnSync('dash', ['-c', `${releasesFunction}\nreleases ${task} "$@"`, 'sh', base.release, base.record, ...words], {
        encoding: 'utf8',
      });
    expect(run('check').stdout.split('\n').sort()).toEqual(['', `digest\t${first.digest}`, 'touched\tgone', 'touched\tstorage/logs']);
    for (const path of [logs, join(app, 'gone')]) mkdirSync(path, { recursive: true });
    rmSync(join(app, 'filled/a'));
    rmSync(join(app, 'new'), { recursive: true });
    rmSync(arrived(second.digest), { recursive: true });
    const again = await transferOf(transport, await source(), { ...base, missing: ['gone', 'storage/logs'] });
    expect(await send(again)).toMatchObject({ code: 0, stderr: '' });
    const kept = join(host, 'kept');
    mkdirSync(kept);
    expect(run('repair', arrived(first.digest), kept)).toMatchObject({ stderr: '', status: 0 });
    expect([folders(base.release), tree(kept)]).toEqual([['filled', 'gone', 'storage', 'storage/logs'], [['gone', 'a file']]]);
    chmodSync(join(base.release, 'filled'), 0o700);
    write({ 'filled/mine': 'mine' }, base.release);
    expect(run('repair', arrived(first.digest), kept)).toMatchObject({ stderr: '', status: 0 });
    expect([lstatSync(join(base.release, 'filled')).mode & 0o777, tree(base.release)]).toEqual([
      0o755,
      [
        ['filled/mine', 'mine'],
        ['index.php', '1'],
      ],
    ]);
    expect([run('check').stdout, lstatSync(join(kept, 'filled')).mode & 0o777]).toEqual([`digest\t${first.digest}\n`, 0o700]);
  });

  test('takes the original of what the release has replaced from where it is kept', async () => {
    write({ 'index.php': '1', 'uploads/seed': 's' });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest, ['uploads']);
    write({ 'index.php': '2' });
    const second = await source();
    const parcel = await transferOf(transport, second, base);
    expect(parcel.filesToSend.map(({ path }) => path)).toEqual(['index.php']);
    expect((await send(parcel)).code).toBe(0);
    expect(tree(arrived(second.digest))).toEqual(tree(app));
  });

  test.each<readonly [string, (release: string) => void]>([
    ['written to', (release) => writeFileSync(join(release, 'kept'), 'longer')],
    ['removed', (release) => rmSync(join(release, 'kept'))],
    ['given another mode', (release) => chmodSync(join(release, 'kept'), 0o600)],
    [
      'made a link',
      (release) => {
        rmSync(join(release, 'kept'));
        symlinkSync('/etc/passwd', join(release, 'kept'));
      },
    ],
  ])('is aborted if an unchanged file was %s since then, and succeeds when it is sent', async (_, change) => {
    write({ kept: 'kept', other: '1' });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest);
    write({ other: '2' });
    change(base.release);
    const second = await source();
    expect((await send(await transferOf(transport, second, base))).code).toBe(changedMeanwhile);
    expect(readdirSync(join(host, 'state/incoming'))).toEqual([first.digest]);
    const check = spawnSync('dash', ['-c', `${releasesFunction}\nreleases check "$@"`, 'sh', base.release, base.record]);
    expect(String(check.stdout)).toBe(`digest\t${first.digest}\ntouched\tkept\n`);
    expect((await send(await transferOf(transport, second, { ...base, missing: ['kept'] }))).code).toBe(0);
    expect(tree(arrived(second.digest))).toEqual(tree(app));
  });

  test('removes an upload that a power cut ended, and not one in progress', async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const parts = ['before.run-0.11111111-2222-3333-4444-555555555555.part', `beside.run-2.${boot}.part`];
    for (const part of parts) mkdirSync(join(host, 'state/incoming', part, 'files'), { recursive: true });
    write({ a: '1' });
    const wanted = await source();
    expect((await send(completeTransfer(wanted))).code).toBe(0);
    expect(readdirSync(join(host, 'state/incoming')).sort()).toEqual([wanted.digest, parts[1]].sort());
  });

  test('without a survey is accepted only by a host whose live release is the base and that does not have the new release yet', async () => {
    write({ a: '1', b: '1' });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest);
    write({ a: '2' });
    const parcel = await transferOf(transport, await source(), base);
    const guess = { release: join(host, 'releases/two'), live: join(host, 'current') };
    const taken = async () => (await send({ ...parcel, guess })).code;
    const arrived = () => readdirSync(join(host, 'state/incoming')).length;
    const before = arrived();
    expect(await taken()).toBe(changedMeanwhile);
    symlinkSync('elsewhere', guess.live);
    expect(await taken()).toBe(changedMeanwhile);
    rmSync(guess.live);
    symlinkSync('releases/one', guess.live);
    mkdirSync(guess.release, { recursive: true });
    expect(await taken()).toBe(changedMeanwhile);
    expect(arrived()).toBe(before);
    rmSync(guess.release, { recursive: true });
    expect([await taken(), arrived()]).toEqual([0, before + 1]);
  });

  test('by checksum sends a file with other content even if its size and times are the same', async () => {
    write({ 'a\nb': 'kept', same: 'same', other: '1' });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest);
    const path = join(base.release, 'a\nb');
    const { atime, mtime } = lstatSync(path);
    writeFileSync(path, 'kepT');
    utimesSync(path, atime, mtime);
    write({ other: '2' });
    const here = recordingTransport([[/releases hash/, (text) => String(spawnSync('dash', ['-c', text]).stdout)]]);
    const paths = async (checksum: boolean) =>
      (await transferOf(here, await readSource(app, { checksum }, () => {}), base)).filesToSend.map((entry) => entry.path);
    expect([await paths(false), await paths(true)]).toEqual([['other'], ['a\nb', 'other']]);
  });

  test('is aborted if the list of the release is damaged', async () => {
    write({ kept: 'kept', other: '1' });
    const first = await source();
    await send(await transferOf(transport, first, undefined));
    const base = become('one', first.digest);
    write({ other: '2' });
    const second = await source();
    const parcel = await transferOf(transport, second, base);
    writeFileSync(join(base.record, 'list'), `kept\0f\0${'0'.repeat(64)}\n`);
    expect(await send(parcel)).toMatchObject({ code: changedMeanwhile, stderr: 'the record of the live release is damaged\n' });
  });

  test('asks the host for an unknown list, and tolerates a wrong one', async () => {
    write({ a: '1', b: '2' });
    const { digest, entries } = await source();
    write({ b: '3' });
    const changed = await source();
    const base = { release: '/r', record: '/records/one', digest, missing: [] };
    const answering = (list: string) =>
      recordingTransport([[/gzip -c \/records\/one\/list/, { stdout: gzipSync(list).toString('base64') }]]);
    expect((await transferOf(answering('other'), changed, base)).filesToSend).toHaveLength(2);
    expect((await transferOf(answering(listOf(entries)), changed, base)).filesToSend.map(({ path }) => path)).toEqual(['b']);
    // Now it is known.
    expect((await transferOf(recordingTransport([]), changed, base)).filesToSend).toHaveLength(1);
  });
});
