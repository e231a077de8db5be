import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem } from '../error.ts';
import type { UserConfig } from './define.ts';
import { validate } from './validate.ts';

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `foobar.config.${extension}`);

export interface LoadedConfig {
  readonly config: UserConfig;
  /** Where it was read from; undefined where there is no file and the defaults hold. */
  readonly file?: string;
}

/** What a configuration gets that imports us by our name. */
type Library = () => Promise<object>;

/** Reads the configuration: the named file, or the first of the usual names in the working directory, or none. */
export async function load(library: Library, named?: string): Promise<LoadedConfig> {
  if (named && !existsSync(named))
    throw new Problem({
      message: `There is no configuration file ${named}.`,
      hint: 'Name an existing file with --config, or make one with `foobar-provision init`.',
    });
  const file = named ?? configInFolder();
  if (!file) return { config: {} };
  return { config: validate(await evaluate(resolve(file), library), file), file };
}

/** The configuration of the working directory, where it has one. */
export function configInFolder(): string | undefined {
  return names.find((name) => existsSync(name));
}

async function evaluate(path: string, library: Library): Promise<unknown> {
  if (path.endsWith('.json')) return parsed(path);
  // The configuration imports us by our name and gets this very copy, whose `Secret` and `Problem` we know again.
  const [{ createJiti }, ourselves] = await Promise.all([import('jiti'), library()]);
  const jiti = createJiti(import.meta.url, { interopDefault: true, virtualModules: { 'foobar-provision': ourselves } });
  try {
    return await contained(path, () => jiti.import(path, { default: true }));
  } catch (cause) {
    throw cause instanceof Problem ? new Problem({ ...cause.details, verbatim: true }) : unreadable(path, cause);
  }
}

/** Runs the configuration's code so that it can neither end this process nor leave it waiting, and prints to standard error. */
async function contained(path: string, run: () => Promise<unknown>): Promise<unknown> {
  const { exit } = process;
  const { write } = process.stdout;
  let stop = (_: Problem) => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const idle = () => {
    const problem = unreadable(path, new Error('it waits for something that never happens'));
    // Something must be left to do, or the process ends all the same.
    setImmediate(() => stop(problem));
  };
  process.exit = (code) => {
    const problem = unreadable(path, new Error(`it calls process.exit(${code ?? ''})`));
    stop(problem);
    throw problem;
  };
  // Standard output is for results; with --json it is for JSON alone.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  process.once('beforeExit', idle);
  // What the loader tries once more after a failure must not end the process either.
  const running = run().finally(() => {
    process.exit = exit;
    process.stdout.write = write;
    process.off('beforeExit', idle);
  });
  return Promise.race([running, stopped]);
}

/** What needs no evaluating needs nothing to evaluate it. */
async function parsed(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Problem {
  return new Problem({
    message: `${path} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Correct it and run again.',
    cause,
  });
}
