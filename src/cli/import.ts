import { writeFile } from 'node:fs/promises';
import { configInFolder } from '../config-file/load.ts';
import { Problem } from '../error.ts';
import type { Result } from '../operations/event.ts';
import { importSite } from '../operations/import.ts';
import { parseTarget } from '../transport/target.ts';
import { connectOf } from './connect.ts';
import { usualFile } from './init.ts';
import { contextOf, type Invocation } from './invocation.ts';

export async function importCommand(invocation: Invocation): Promise<Result> {
  const { target, options } = invocation;
  if (!target)
    throw new Problem({
      message: 'No old server was named.',
      hint: 'Name it on the command line: foobar-provision import root@old.example.com --site example.com.',
    });
  // The port is the old server's alone.
  const { port, ...others } = options;
  const from = port !== undefined && parseTarget(target).port === undefined ? `${target}:${port}` : target;
  const file = options.config ?? configInFolder() ?? usualFile;
  return importSite(
    {
      from,
      domain: options.site ?? options.domain,
      root: options.root,
      server: options.server,
      app: options.app,
      file,
      approved: options.yes === true,
      again: options.again === true,
      save: (text) => save(file, text),
    },
    connectOf({ ...invocation, options: others }),
    contextOf(invocation),
  );
}

async function save(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Run it in a folder that you may write to, or name a file with --config.',
      cause,
    });
  });
}
