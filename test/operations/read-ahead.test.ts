import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Command, sh } from '../../src/command/command.ts';
import type { Config } from '../../src/config/config.ts';
import { type ReadAhead, readingAhead } from '../../src/operations/read-ahead.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { type Stage, stage } from '../engine/rehearsal.ts';
import { config } from '../playbooks/configs.ts';
import { recordingTransport } from '../transport/recording.ts';

const kept = '/var/lib/foobar-provision/reads/foobar.com.all';
const names = { live: 'aaaaaaaaaaaa', next: 'bbbbbbbbbbbb', later: 'cccccccccccc' };
const everything: ReadAhead = { scope: 'everything', isKept: true };

let host: Stage;
beforeEach(() => {
  host = stage();
  mkdirSync(`${host.root}/var/lib/foobar-provision/manifests`, { recursive: true });
  live(names.live);
});
afterEach(() => host.end());

function live(release: string): void {
  const folder = `${host.root}/srv/www/foobar.com`;
  mkdirSync(folder, { recursive: true });
  rmSync(`${folder}/current`, { force: true });
  symlinkSync(`releases/${release}`, `${folder}/current`);
}

function sending(release: string): Config {
  const [site, ...more] = config().sites;
  return { ...config(), sites: [{ ...site, app: { ...site.app, source: { ...site.app.source, digest: `${release}00` } } }, ...more] };
}

/** Reads the host with this script, and returns the output and how often the script itself was sent. */
async function read(script: Command, release: string, ahead = everything) {
  let sent = 0;
  const transport: Transport = {
    ...recordingTransport([]),
    script: async (command) => {
      if (command === script) sent += 1;
      const text = command.text.replaceAll('/srv/www', `${host.root}/srv/www`);
      return { stdout: host.read(text), stderr: '', code: 0 };
    },
  };
  const { stdout } = await readingAhead(transport, sending(release), ahead)(script);
  return { stdout, sent };
}

const hello = sh`printf '%s\n' 'hello, it'"'"'s' "$((6 * 7))" \\\\`;
const seen = "hello, it's\n42\n\\\n";
const of = (...releases: readonly string[]) => sh`echo ${releases}`;

describe('the script that reads a host', () => {
  test('is sent the first time, and then the host runs it by itself', async () => {
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 1 });
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 0 });
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 0 });
  });

  test.each<readonly [string, () => void]>([
    ['is another one', () => host.write(kept, 'echo other')],
    ['is damaged', () => host.write(kept, host.text(kept).slice(0, 20))],
    ['is empty', () => host.write(kept, '')],
    ['is a longer one', () => host.write(kept, `${host.text(kept)}\necho more`)],
    ['prints the checksum of the right one', () => host.write(kept, `echo ${'0'.repeat(64)}; exit 1`)],
    ['is missing', () => rmSync(`${host.root}${kept}`)],
  ])('is sent if the stored one %s, with the same result', async (_, change) => {
    await read(hello, names.next);
    change();
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 1 });
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 0 });
  });

  test('is the same for the next release', async () => {
    expect(await read(of(names.next, names.live), names.next)).toEqual({ stdout: `${names.next} ${names.live}\n`, sent: 1 });
    live(names.next);
    expect(await read(of(names.later, names.next), names.later)).toEqual({ stdout: `${names.later} ${names.next}\n`, sent: 0 });
  });

  test('is sent if the live release is not the recorded one', async () => {
    await read(of(names.next, names.live), names.next);
    live(names.later);
    expect(await read(of(names.next, names.live), names.next)).toEqual({ stdout: `${names.next} ${names.live}\n`, sent: 1 });
  });

  test('is run ahead only once, because what it reads changes', async () => {
    await read(hello, names.next);
    const transport: Transport = { ...recordingTransport([[/^printf/, 'newer']]), script: async ({ text }) => answer(text) };
    const answer = (text: string) => ({ stdout: text === hello.text ? 'newer' : host.read(text), stderr: '', code: 0 });
    const reads = readingAhead(transport, sending(names.next), everything);
    expect((await reads(hello)).stdout).toBe(seen);
    expect((await reads(hello)).stdout).toBe('newer');
  });

  test('is not stored by a plan, which leaves nothing on the host, or before the first run', async () => {
    await read(hello, names.next, { ...everything, isKept: false });
    expect(await read(hello, names.next)).toEqual({ stdout: seen, sent: 1 });
    rmSync(`${host.root}/var/lib/foobar-provision`, { recursive: true });
    await read(hello, names.next);
    expect(host.tree('/var/lib')).toEqual([]);
  });
});
