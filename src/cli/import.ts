import { writeFile } from 'node:fs/promises';
import { configInFolder } from '../config-file/load.ts';
import { messageOf, Problem } from '../error.ts';
import type { Result } from '../operations/event.ts';
import { importSite } from '../operations/import.ts';
import { parseTarget } from '../transport/target.ts';
import { isBackup } from './backup-path.ts';
import { connectOf } from './connect.ts';
import { usualFile } from './init.ts';
import { contextOf, type Invocation } from './invocation.ts';

export async function importCommand(invocation: Invocation): Promise<Result> {
  const { target, options } = invocation;
  if (!target)
    throw new Problem({
      message: 'Neither an old server nor a backup was named.',
      hint: 'Name it on the command line: foobar-provision import root@old.example.com --site example.com, or: foobar-provision import ./backup.tar.gz --site example.com.',
    });
  // The port is the old server's alone.
  const { port, ...others } = options;
  const server = port !== undefined && !isBackup(target) && parseTarget(target).port === undefined ? `${target}:${port}` : target;
  const file = options.config ?? configInFolder() ?? usualFile;
  return importSite(
    {
      from: isBackup(target) ? { backup: target } : { server },
      domain: options.site ?? options.domain,
      root: options.root,
      server: options.server,
      app: options.app,
      file,
      environment: options.env,
      approved: options.yes === true,
      again: options.again === true,
      allowDestroy: options.allowDestroy === true,
      save: (text) => save(file, text),
    },
    connectOf({ ...invocation, options: others }),
    contextOf(invocation),
  );
}

async function save(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${messageOf(cause)}.`,
      hint: 'Run it in a folder that you may write to, or name a file with --config.',
      cause,
    });
  });
}
