import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { removeGroups } from './cgroup.ts';
import { claimedSlots, releaseSlot, requireName } from './claim.ts';
import { halt } from './halt.ts';
import { disconnect } from './network.ts';
import { unmountTree } from './overlay.ts';
import { hostPaths } from './paths.ts';
import { stopPublisher } from './publication.ts';
import { readState, requireState } from './state.ts';

/**
 * Stops a host and removes everything that was created for it, no matter which process created it or how far it got.
 * The directory is removed last, so that a removal that failed can be repeated.
 */
export async function down(name: string): Promise<void> {
  requireName(name);
  const paths = hostPaths(name);
  if (!existsSync(paths.directory)) await requireState(name);
  const state = await readState(name);
  if (state?.publish) await stopPublisher(name, state.publish);
  await halt(name);
  await unmountTree(paths);
  for (const slot of await claimedSlots(name)) {
    await disconnect(slot);
    await releaseSlot(slot);
  }
  await removeGroups(name);
  await rm(paths.directory, { recursive: true, force: true });
}
