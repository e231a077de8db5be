import { existsSync } from 'node:fs';
import { dumpFile, dumpStream } from '../database/dump-source.ts';
import { Problem } from '../error.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { type DumpTarget, exportDatabase } from '../operations/export-database.ts';
import { type ImportDatabaseRequest, importDatabase } from '../operations/import-database.ts';
import { openConsole } from '../operations/open-console.ts';
import { openTunnel } from '../operations/open-tunnel.ts';
import { type Context, type Fleet, inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { streamsOf, unclosed } from './streams.ts';

/** Runs one of the `db` commands. Checks files before it connects to a host. */
export async function databaseCommand(invocation: Invocation): Promise<Result> {
  const [word] = invocation.words;
  if (word === 'pull' || word === 'push') return (await import('./db-copy.ts')).copyCommand(invocation, word);
  const work = await workOf(invocation);
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => work(fleet, context));
}

async function workOf(invocation: Invocation): Promise<(fleet: Fleet, context: Context) => Promise<Result>> {
  const { options, words } = invocation;
  const [word, file, ...more] = words;
  if (more.length > 0) throw new Problem({ message: `db ${word} takes one file, not ${[file, ...more].join(', ')}.`, hint: 'Name one.' });
  const { site } = options;
  switch (word) {
    case 'export': {
      const to = targetOf(invocation, file);
      return (fleet, context) => exportDatabase({ site, to }, fleet, context);
    }
    case 'import': {
      const from = await sourceOf(invocation, file);
      return (fleet, context) => importDatabase({ site, from, approved: options.yes }, fleet, context);
    }
    case 'console':
      if (file !== undefined)
        throw new Problem({
          message: 'db console takes no file.',
          hint: 'Send statements to its standard input: foobar-provision db console <file.sql',
        });
      return (fleet, context) => {
        invocation.reporter.pause();
        return openConsole({ site, streams: streamsOf(invocation) }, fleet, context);
      };
    default:
      if (file !== undefined) throw new Problem({ message: `db ${word} takes no file.`, hint: `Leave out ${file}.` });
      return (fleet, context) => openTunnel({ site, port: options.localPort }, fleet, context);
  }
}

function targetOf(invocation: Invocation, file: string | undefined): DumpTarget {
  const { options } = invocation;
  if (file !== '-') {
    const mayReplace = async (path: string) =>
      options.yes === true || !existsSync(path) || ((await contextOf(invocation).confirm?.(`Replace ${path}?`)) ?? false);
    return { kind: 'file', path: file, mayReplace };
  }
  if (options.json) throw new Problem({ message: '--json already writes to standard output.', hint: 'Name a file for the dump.' });
  if (process.stdout.isTTY)
    throw new Problem({
      message: 'Standard output is a terminal.',
      hint: 'Send the dump to a program or a file: foobar-provision db export - | less',
    });
  return { kind: 'stream', output: unclosed(process.stdout) };
}

async function sourceOf({ options }: Invocation, file: string | undefined): Promise<ImportDatabaseRequest['from']> {
  const { snapshot } = options;
  if ((snapshot === undefined) === (file === undefined))
    throw new Problem({
      message: snapshot === undefined ? 'No dump was named.' : 'Both a dump and a snapshot were named.',
      hint: 'Name one: foobar-provision db import dump.sql.gz, or - for standard input, or --snapshot ID.',
    });
  if (snapshot !== undefined) return { kind: 'snapshot', id: snapshot };
  if (file !== undefined && file !== '-') return { kind: 'dump', dump: await dumpFile(file) };
  if (options.sudoPasswordStdin)
    throw new Problem({
      message: 'Standard input cannot have both the sudo password and the dump.',
      hint: 'Name a file, or give the password in FOOBAR_SUDO_PASSWORD.',
    });
  if (process.stdin.isTTY)
    throw new Problem({ message: 'Standard input is a terminal.', hint: 'Send a dump to it: foobar-provision db import - <dump.sql' });
  return { kind: 'dump', dump: await dumpStream(process.stdin) };
}
