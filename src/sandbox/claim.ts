import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../error.ts';
import { hostPaths, hostsRoot, slotsRoot, stateRoot } from './paths.ts';
import { type Slot, slotAt, slots } from './slot.ts';

const validName = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Throws a Problem unless the text can be the name of a host, and thus of a directory. */
export function requireName(name: string): void {
  if (validName.test(name)) return;
  throw new Problem({
    message: `"${name}" cannot be the name of a sandbox.`,
    hint: 'Use 1 to 32 lower-case letters, digits and hyphens. Start with a letter and do not end with a hyphen.',
  });
}

/** Claims a name by creating its directory, which only one process can do. Rejects with a Problem if the name is taken. */
export async function claimName(requested?: string): Promise<string> {
  if (requested !== undefined) requireName(requested);
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  await mkdir(hostsRoot, { recursive: true });
  for (;;) {
    const name = requested ?? `box-${randomBytes(2).toString('hex')}`;
    if (await createdByUs(mkdir(hostPaths(name).directory))) return name;
    if (requested === undefined) continue;
    throw new Problem({
      message: `A sandbox called ${name} already exists.`,
      hint: `Choose another name, or remove that one first: foobar-provision sandbox down ${name}`,
    });
  }
}

/** Claims the first free network for the host by creating a symbolic link, which only one process can do. */
export async function claimSlot(name: string): Promise<Slot> {
  await mkdir(slotsRoot, { recursive: true });
  for (let number = 0; number < slots; number++) {
    if (await createdByUs(symlink(name, join(slotsRoot, String(number))))) return slotAt(number);
  }
  throw new Problem({
    message: 'All addresses for sandboxes are in use.',
    hint: 'Remove some sandboxes. To see them: foobar-provision sandbox list',
  });
}

/** Returns the networks that the host has claimed: one, or none if its creation was interrupted before that. */
export async function claimedSlots(name: string): Promise<readonly Slot[]> {
  const numbers = await readdir(slotsRoot).catch(() => []);
  const owners = await Promise.all(numbers.map((number) => readlink(join(slotsRoot, number)).catch(() => undefined)));
  return numbers.filter((_, index) => owners[index] === name).map((number) => slotAt(Number(number)));
}

export async function releaseSlot(slot: Slot): Promise<void> {
  // Another process may be removing the same host.
  await rm(join(slotsRoot, String(slot.number)), { force: true });
}

/** Resolves to whether we created it; to false if it already existed. */
async function createdByUs(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
