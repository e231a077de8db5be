import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Problem } from '../error.ts';
import { hostPaths } from './paths.ts';
import { suites } from './sandbox.ts';

const schema = z.object({
  name: z.string(),
  suite: z.enum(suites),
  slot: z.int(),
  /** The base system's directory. Absent until it is known. */
  base: z.string().optional(),
  /** In MiB. */
  memory: z.int().optional(),
  owner: z.int().optional(),
  pid: z.int().optional(),
  publish: z.object({ domain: z.string(), spawnSelf: z.array(z.string()), pid: z.int().optional(), port: z.int().optional() }).optional(),
});

/** What a host's `state.json` keeps between commands. */
export type State = Readonly<z.infer<typeof schema>>;

/** Writes the state atomically, because another process may be reading it. */
export async function writeState(state: State): Promise<void> {
  const file = hostPaths(state.name).state;
  const staged = `${file}.${process.pid}`;
  await writeFile(staged, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(staged, file);
}

/** Reads a host's state. Resolves to undefined if there is no such host, or if its creation was interrupted before it had a state. */
export async function readState(name: string): Promise<State | undefined> {
  const text = await readFile(hostPaths(name).state, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/** Reads a host's state. Rejects with a Problem if there is none. */
export async function requireState(name: string): Promise<State> {
  const state = await readState(name);
  if (state) return state;
  throw new Problem({ message: `There is no sandbox called ${name}.`, hint: 'To list all sandboxes: foobar-provision sandbox list' });
}
