import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../error.ts';
import { hostPaths, hostsRoot, slotsRoot, stateRoot } from './paths.ts';
import { type Slot, slotAt, slots } from './slot.ts';

const validName = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** A Problem where the text cannot be a host's name, and so a directory's. */
export function requireName(name: string): void {
  if (validName.test(name)) return;
  throw new Problem({
    message: `"${name}" cannot be the name of a sandbox`,
    hint: 'Use 1 to 32 lower-case letters, digits and hyphens, a letter first and no hyphen last.',
  });
}

/** Takes a name by making its directory, which the kernel lets one process do; a Problem where it is taken. */
export async function claimName(wanted?: string): Promise<string> {
  if (wanted !== undefined) requireName(wanted);
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  await mkdir(hostsRoot, { recursive: true });
  for (;;) {
    const name = wanted ?? `box-${randomBytes(2).toString('hex')}`;
    if (await first(mkdir(hostPaths(name).directory))) return name;
    if (wanted === undefined) continue;
    throw new Problem({
      message: `a sandbox called ${name} exists already`,
      hint: `Choose another name, or take it down first: foobar-provision sandbox down ${name}`,
    });
  }
}

/** Takes the first free network for the host, by a symbolic link that can be made once. */
export async function claimSlot(name: string): Promise<Slot> {
  await mkdir(slotsRoot, { recursive: true });
  for (let number = 0; number < slots; number++) {
    if (await first(symlink(name, join(slotsRoot, String(number))))) return slotAt(number);
  }
  throw new Problem({ message: 'every address for sandboxes is taken', hint: 'Take some down: foobar-provision sandbox list' });
}

/** The networks that the host holds: one, or none where its making was cut off before. */
export async function claimedSlots(name: string): Promise<readonly Slot[]> {
  const numbers = await readdir(slotsRoot).catch(() => []);
  const owners = await Promise.all(numbers.map((number) => readlink(join(slotsRoot, number)).catch(() => undefined)));
  return numbers.filter((_, index) => owners[index] === name).map((number) => slotAt(Number(number)));
}

export async function releaseSlot(slot: Slot): Promise<void> {
  await unlink(join(slotsRoot, String(slot.number)));
}

/** Whether we made it: false where somebody else had. */
async function first(made: Promise<unknown>): Promise<boolean> {
  try {
    await made;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
