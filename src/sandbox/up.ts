import { Problem } from '../error.ts';
import { baseSystem } from './base.ts';
import { claimName, claimSlot } from './claim.ts';
import { down } from './down.ts';
import { connect } from './network.ts';
import { mountTree } from './overlay.ts';
import { hostPaths } from './paths.ts';
import { run } from './power.ts';
import { publishVerb } from './publish.ts';
import type { Progress, Sandbox, Suite, UpOptions } from './sandbox.ts';
import { seed } from './seed.ts';
import { slotAt } from './slot.ts';
import { type State, writeState } from './state.ts';
import { unsupported } from './support.ts';
import { installTools } from './tools.ts';

const silent: Progress = () => undefined;

/** Installs the tools and builds the base system that `up` needs, so that the next `up` takes a second or two. */
export async function prepare({ suite = 'trixie', include = [], onProgress = silent }: UpOptions = {}): Promise<string> {
  const reason = unsupported();
  if (reason !== undefined) throw new Problem({ message: reason, hint: 'Use a Linux machine or virtual machine where you are root.' });
  await installTools(onProgress);
  return baseSystem(suite, include, onProgress);
}

/** Creates and boots a throwaway host, and returns once root can log in. On failure, removes it and rejects with a Problem. */
export async function up(options: UpOptions = {}): Promise<Sandbox> {
  const { onProgress = silent } = options;
  const base = await prepare(options);
  const name = await claimName(options.name);
  try {
    const state = await saveState(name, base, options);
    const paths = hostPaths(name);
    onProgress(`Booting ${name} (${state.suite})`);
    await mountTree(paths, base);
    await Promise.all([seed(name, slotAt(state.slot).address, paths), connect(slotAt(state.slot))]);
    return await run(state);
  } catch (error) {
    await down(name).catch(() => onProgress(`The host could not be removed completely. Try again: foobar-provision sandbox down ${name}`));
    throw error;
  }
}

async function saveState(name: string, base: string, options: UpOptions): Promise<State> {
  const { memory, publish } = options;
  const owner = Number(process.env.FOOBAR_SANDBOX_OWNER ?? 0);
  const suite: Suite = options.suite ?? 'trixie';
  const { number: slot } = await claimSlot(name);
  const state: State = {
    ...{ name, suite, slot, base },
    ...(memory !== undefined && { memory }),
    ...(owner > 0 && { owner }),
    ...(publish && { publish: { domain: publish.domain, spawnSelf: [...(publish.spawnSelf ?? [process.argv[1] ?? '', publishVerb])] } }),
  };
  await writeState(state);
  return state;
}
