import { existsSync } from 'node:fs';
import { down, list, prepare, suites, unsupported } from '../../src/sandbox/index.ts';

/**
 * Builds the base systems once, before any test file's clock runs, and marks all hosts that the run makes as its own,
 * those that a command under test makes included: at the end, whatever a test left behind is taken down.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (unsupported() !== undefined) return async () => undefined;
  process.env.FOOBAR_SANDBOX_OWNER = String(process.pid);
  const onProgress = (line: string) => process.stderr.write(`${line}\n`);
  await Promise.all([sweep(), ...suites.map((suite) => prepare({ suite, onProgress }))]);
  return sweep;
}

/** Takes down the hosts of this run, and those of runs that are over. */
async function sweep(): Promise<void> {
  const left = (await list()).filter(({ owner }) => owner !== undefined && (owner === process.pid || !existsSync(`/proc/${owner}`)));
  await Promise.all(left.map(({ name }) => down(name)));
}
