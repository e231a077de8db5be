import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lineOf } from '../../src/config/ssh-key.ts';
import { peopleOf } from '../../src/config-file/ssh-keys.ts';

const anna = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICNFYj0ey9sv7/2E5z3h4WRzxTzhuaVAgp+IEcQ6CDVg anna@laptop';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ssh-keys-'));
  await writeFile(join(folder, 'ben.pub'), `${anna}\n${anna}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes keys as text and from files beside the configuration, by name', async () => {
  const people = await peopleOf({ ben: 'ben.pub', anna }, folder);
  expect(people.map(({ name, keys }) => [name, keys.map(lineOf)])).toEqual([
    ['anna', [anna]],
    ['ben', [anna, anna]],
  ]);
});

it.each([
  ['no-such.pub', /sshKeys\.ben names the file no-such\.pub, which cannot be read/],
  ['ssh-ed25519 AAAA', /sshKeys\.ben has a line that is not a public key/],
])('refuses %s', async (stated, message) => {
  await expect(peopleOf({ ben: stated }, folder)).rejects.toThrow(message);
});
