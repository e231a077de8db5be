import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Problem } from '../error.ts';
import { hostPaths } from './paths.ts';
import { suites } from './sandbox.ts';

const schema = z.object({
  name: z.string(),
  suite: z.enum(suites),
  slot: z.int(),
  /** The base system's directory, once it is known. */
  base: z.string().optional(),
  /** MiB. */
  memory: z.int().optional(),
  owner: z.int().optional(),
  pid: z.int().optional(),
  publish: z.object({ domain: z.string(), spawnSelf: z.array(z.string()), pid: z.int().optional(), port: z.int().optional() }).optional(),
});

/** What is kept of a host between commands, in its `state.json`. */
export type State = Readonly<z.infer<typeof schema>>;

/** Written whole or not at all: another process may be reading it. */
export async function writeState(state: State): Promise<void> {
  const file = hostPaths(state.name).state;
  const staged = `${file}.${process.pid}`;
  await writeFile(staged, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(staged, file);
}

/** Undefined where there is no such host, or its making was cut off before it had a state. */
export async function readState(name: string): Promise<State | undefined> {
  const text = await readFile(hostPaths(name).state, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

export async function requireState(name: string): Promise<State> {
  const state = await readState(name);
  if (state) return state;
  throw new Problem({ message: `there is no sandbox called ${name}`, hint: 'See what there is: foobar-provision sandbox list' });
}
