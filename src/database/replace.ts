import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { byteCounter } from '../byte-counter.ts';
import { type Command, lines, sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Compression } from './dump-source.ts';
import { loadHint } from './load-hint.ts';
import { onDatabase, type SiteDatabase } from './site-database.ts';

/** The new content of a database. */
export type Replacement =
  | { readonly kind: 'stream'; readonly compression: Compression; readonly read: () => Readable }
  /** A snapshot on the host. */
  | { readonly kind: 'snapshot'; readonly id: string };

/** Loading a dump may take 24 hours. */
const loadSeconds = 24 * 3600;
/** The exchange of the tables waits up to a minute for each lock. */
const exchangeSeconds = 900;

export interface ReplaceOptions {
  readonly onBytes: (sent: number) => void;
  /** Called when the new content is complete and the site still has its old content. */
  readonly beforeExchange: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Replaces a site's database with a dump. Loads the dump into a new database, and exchanges the tables when it is complete. Until then, and
 * if anything fails, the site has its old data. Resolves to notes about what was changed in the dump to load it.
 */
export async function replaceDatabase(
  database: SiteDatabase,
  replacement: Replacement,
  { onBytes, beforeExchange, signal }: ReplaceOptions,
): Promise<readonly string[]> {
  const token = randomBytes(4).toString('hex');
  const { transport, domain, name } = database;
  try {
    const notes = await load(database, token, replacement, onBytes, signal);
    await beforeExchange();
    signal.throwIfAborted();
    // Do not pass the signal: the exchange of the site's tables must not be interrupted.
    const { code, stderr } = await transport.run(onDatabase(sh`complete_replacement ${domain} ${name} ${token} ${rest(database)}`), {
      timeout: exchangeSeconds,
    });
    if (code !== 0) throw notLoaded(database, code, stderr);
    return notes;
  } catch (error) {
    await transport.script(onDatabase(sh`remove_replacement ${domain} ${name} ${token}`)).catch(() => {});
    throw error;
  }
}

/** Returns the database account, the name of its secret, and the system user. */
function rest({ account, secret, owner }: SiteDatabase): readonly string[] {
  return [account, secret, owner];
}

async function load(
  database: SiteDatabase,
  token: string,
  replacement: Replacement,
  onBytes: (sent: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { transport, domain, name, owner } = database;
  const begin = sh`begin_replacement ${domain} ${name} ${token} ${rest(database)} || exit`;
  const script = (loading: Command) => onDatabase(lines(begin, loading));
  const options = { timeout: loadSeconds, signal };
  const result =
    replacement.kind === 'snapshot'
      ? await transport.run(script(sh`load_snapshot ${domain} ${replacement.id} ${name} ${token} ${owner}`), options)
      : await sending(replacement, onBytes, (input) =>
          transport.run(script(sh`load_replacement ${name} ${token} ${owner} ${replacement.compression}`), { ...options, input }),
        );
  if (result.code !== 0) throw notLoaded(database, result.code, result.stderr);
  return result.stdout.split('\n').flatMap((line) => (line.startsWith('#note\t') ? [line.slice('#note\t'.length)] : []));
}

/**
 * Calls `work` with the dump and counts the bytes that it reads. If `work` fails, stops reading the dump. A Problem with reading the dump takes
 * precedence over the error of `work`.
 */
async function sending<T>(
  { read }: { readonly read: () => Readable },
  onBytes: (sent: number) => void,
  work: (input: Readable) => Promise<T>,
): Promise<T> {
  const counter = byteCounter(onBytes);
  let broken: unknown;
  const reading = pipeline(read(), counter).catch((error: unknown) => {
    broken ??= error;
  });
  try {
    return await work(counter);
  } catch (error) {
    throw broken instanceof Problem ? broken : error;
  } finally {
    counter.destroy();
    await reading;
  }
}

function notLoaded({ transport: { host }, name, domain }: SiteDatabase, code: number, stderr: string): Problem {
  const said = stderr.trim();
  return new Problem({
    message: code === 75 ? said : `The dump could not be loaded on ${host}, so ${domain} still has its old data in ${name}.`,
    hint: code === 75 ? 'Wait until it has ended, then run this command again.' : loadHint(said),
    host,
    commandExit: code,
    ...(code !== 75 && { stderr: said }),
  });
}
