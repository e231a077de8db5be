import { makeGroups, removeGroups } from './cgroup.ts';
import { describeHost } from './describe.ts';
import { halt } from './halt.ts';
import { processOne, start } from './machine.ts';
import { showMemory } from './meminfo.ts';
import { connect, disconnect, raise, unplug } from './network.ts';
import { mountTree } from './overlay.ts';
import { hostPaths } from './paths.ts';
import { startPublisher } from './publication.ts';
import { loginReady } from './ready.ts';
import type { Sandbox } from './sandbox.ts';
import { type Slot, slotAt } from './slot.ts';
import { requireState, type State, writeState } from './state.ts';

/** systemd holds several inotify instances a host, and the kernel's usual 128 are too few for eight of them: logins then hang. */
const inotifyInstances = 1024;

/** Cuts the power of a host: its processes end at once, untold, and so do its connections. What it has written stays. */
export async function powerCut(name: string): Promise<void> {
  const { slot } = await requireState(name);
  await unplug(slotAt(slot));
  await halt(name);
}

/**
 * Boots a host that is off from the files that it left, with a network that remembers nothing, and returns once root can log in.
 * A host that runs is returned as it is.
 */
export async function boot(name: string): Promise<Sandbox> {
  const state = await requireState(name);
  const pid = await processOne(name);
  if (pid !== undefined) return { ...describeHost(state), pid };
  const { base } = state;
  if (base === undefined) throw new Error(`${name} was never made`);
  await mountTree(hostPaths(name), base);
  await replug(slotAt(state.slot));
  return run(state);
}

/** A network namespace holds a kernel's memory of connections and firewall rules, which a power cut clears. */
async function replug(slot: Slot): Promise<void> {
  await disconnect(slot);
  await connect(slot);
}

/** Starts a host whose files and network are there. */
export async function run(state: State): Promise<Sandbox> {
  const { name, memory } = state;
  const paths = hostPaths(name);
  await removeGroups(name);
  await raise('/proc/sys/fs/inotify/max_user_instances', inotifyInstances);
  const groups = await makeGroups(name, memory);
  const pid = await start({ name, paths, slot: slotAt(state.slot), groups });
  if (memory !== undefined) await showMemory(pid, memory);
  await writeState({ ...state, pid });
  await loginReady({ ...describeHost(state), pid });
  const publish = state.publish && (await startPublisher(name, state.publish));
  const final: State = { ...state, pid, ...(publish && { publish }) };
  await writeState(final);
  return { ...describeHost(final), pid };
}
