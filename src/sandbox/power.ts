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

/** systemd uses several inotify instances on each host, and the kernel's default of 128 is too few for eight hosts: logins hang. */
const inotifyInstances = 1024;

/** Simulates a power cut: kills all processes and connections of a host without warning. What it has written stays. */
export async function powerCut(name: string): Promise<void> {
  const { slot } = await requireState(name);
  await unplug(slotAt(slot));
  await halt(name);
}

/**
 * Boots a host that is off, with the files that it had and a new network, and returns once root can log in.
 * If the host already runs, it is returned unchanged.
 */
export async function boot(name: string): Promise<Sandbox> {
  const state = await requireState(name);
  const pid = await processOne(name);
  if (pid !== undefined) return { ...describeHost(state), pid };
  const { base } = state;
  if (base === undefined) throw new Error(`the host ${name} was never created`);
  await mountTree(hostPaths(name), base);
  await recreateNetwork(slotAt(state.slot));
  return run(state);
}

/** Recreates the network. Its namespace holds connections and firewall rules, which a power cut clears on a real host. */
async function recreateNetwork(slot: Slot): Promise<void> {
  await disconnect(slot);
  await connect(slot);
}

/** Starts a host whose files and network already exist. */
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
