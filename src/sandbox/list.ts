import { readdir } from 'node:fs/promises';
import { describeHost } from './describe.ts';
import { processOne } from './machine.ts';
import { hostsRoot } from './paths.ts';
import type { ListedSandbox } from './sandbox.ts';
import { readState } from './state.ts';

/** Returns every host, sorted by name, including those that are off. */
export async function list(): Promise<readonly ListedSandbox[]> {
  const names = await readdir(hostsRoot).catch(() => []);
  const hosts = await Promise.all(names.sort().map(listed));
  return hosts.filter((host) => host !== undefined);
}

async function listed(name: string): Promise<ListedSandbox | undefined> {
  const state = await readState(name);
  if (!state) return undefined;
  const pid = await processOne(name);
  return { ...describeHost(state), ...(pid !== undefined && { pid }) };
}
