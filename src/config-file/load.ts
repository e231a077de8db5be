import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, Problem } from '../error.ts';
import type { UserConfig } from './define.ts';
import { extensions, merged, overlayFile } from './overlay.ts';
import { validate } from './validate.ts';

const names = extensions.map((extension) => `foobar.config.${extension}`);

export interface LoadedConfig {
  readonly config: UserConfig;
  /** The file it was read from; undefined if there is no file and the defaults apply. */
  readonly file?: string;
  /** The overlay that was merged over it. */
  readonly overlay?: string;
}

/** What a configuration gets when it imports this package by its name. */
type Library = () => Promise<object>;

/**
 * Reads the configuration: the named file, otherwise the first of the default names in the working directory, otherwise none. If an
 * environment is named, its overlay is merged over it.
 */
export async function load(library: Library, named?: string, environment?: string): Promise<LoadedConfig> {
  if (named && !existsSync(named))
    throw new Problem({
      message: `There is no configuration file ${named}.`,
      hint: 'Name an existing file with --config, or make one with `foobar-provision init`.',
    });
  const file = named ?? configInFolder();
  const overlay = environment === undefined ? undefined : overlayFile(environment, file);
  const own = file ? await evaluate(resolve(file), library) : {};
  if (overlay === undefined) return file ? { config: validate(own, file), file } : { config: {} };
  const both = merged(own, await evaluate(resolve(overlay), library));
  return { config: validate(both, file ? `${file} with ${overlay}` : overlay), ...(file && { file }), overlay };
}

/** Returns the configuration file of the working directory, or undefined if it has none. */
export function configInFolder(): string | undefined {
  return names.find((name) => existsSync(name));
}

async function evaluate(path: string, library: Library): Promise<unknown> {
  if (path.endsWith('.json')) return parsed(path);
  // A configuration that imports this package gets this very copy, so its `Secret` and `Problem` are instances of our classes.
  const [{ createJiti }, ourselves] = await Promise.all([import('jiti'), library()]);
  const jiti = createJiti(import.meta.url, { interopDefault: true, virtualModules: { 'foobar-provision': ourselves } });
  try {
    return await contained(path, () => jiti.import(path, { default: true }));
  } catch (cause) {
    throw cause instanceof Problem ? new Problem({ ...cause.details, verbatim: true }) : unreadable(path, cause);
  }
}

/** Runs the configuration's code. It can neither end this process nor leave it waiting, and its output goes to standard error. */
async function contained(path: string, run: () => Promise<unknown>): Promise<unknown> {
  const { exit } = process;
  const { write } = process.stdout;
  let stop = (_: Problem) => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const idle = () => {
    const problem = unreadable(path, new Error('it waits for something that never happens'));
    // Without pending work, the process would end anyway.
    setImmediate(() => stop(problem));
  };
  process.exit = (code) => {
    const problem = unreadable(path, new Error(`it calls process.exit(${code ?? ''})`));
    stop(problem);
    throw problem;
  };
  // Standard output is for results; with --json it contains only JSON.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  process.once('beforeExit', idle);
  // A retry of the loader after a failure must not end the process either.
  const running = run().finally(() => {
    process.exit = exit;
    process.stdout.write = write;
    process.off('beforeExit', idle);
  });
  return Promise.race([running, stopped]);
}

/** Parses JSON, without loading the evaluator. */
async function parsed(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Problem {
  return new Problem({
    message: `${path} could not be read: ${messageOf(cause)}`,
    hint: 'Correct it and run again.',
    cause,
  });
}
