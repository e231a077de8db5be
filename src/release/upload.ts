import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { filesIn } from '../application/file-list.ts';
import type { Source } from '../application/source.ts';
import { linkTarget } from '../application/tree.ts';
import type { EngineEmit } from '../engine/event.ts';
import { messageOf, Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import { arrivalScript, changedMeanwhile, type Transfer } from './transfer.ts';

/** Streams an application's files to the host's folder for incoming releases, in one pass. Their folder gets its final name once it is complete. */
export async function upload(transport: Transport, transfer: Transfer, id: string, emit: EngineEmit, signal: AbortSignal): Promise<void> {
  const order = gzipSync(transfer.order, { level: 6 });
  const stream = new PassThrough();
  stream.write(order);
  const [output] = await Promise.all([
    transport.run(arrivalScript(transfer, order.length, id), { input: stream, timeout: 6 * 3600, signal }),
    pipeline(
      archive(transfer, (progress) => emit({ event: 'progress', host: transport.host, ...progress })),
      createGzip({ level: 1 }),
      stream,
    ),
  ]);
  if (output.code === 0) return;
  throw output.code === changedMeanwhile
    ? baseChanged(transport.host, output.stderr.trim())
    : unwritten(transport.host, output.code, output.stderr.trim());
}

function baseChanged(host: string, reason: string): Problem {
  return new Problem({
    message: `The new release cannot be made from the live one on ${host}: ${reason || 'its files have changed since the plan was made'}.`,
    host,
    hint: 'Run again: the affected files will be sent again.',
  });
}

function unwritten(host: string, code: number, stderr: string): Problem {
  return new Problem({
    message: "The application's files could not be written on the host.",
    host,
    commandExit: code,
    stderr,
    hint: /No space left/.test(stderr)
      ? 'Make room on the host, then run again. The site serves as before.'
      : 'The live site was not changed. Fix the cause, then run again.',
  });
}

/** Called with the progress of an upload. `part` is between 0 and 1. */
type Tell = (progress: { readonly part: number; readonly text: string }) => void;

/** Returns the files to send as a tar stream. Their owner is root, and their mode says only whether they are executable. */
export function archive({ source, filesToSend }: Pick<Transfer, 'source' | 'filesToSend'>, tell: Tell): Pack {
  const tar = pack();
  const fill = async () => {
    const count = counter({ source, filesToSend }, tell);
    for (const { path, hash, type } of filesIn(filesToSend)) {
      if (type === 'l') {
        // A link that this kind of application needs may not exist in the folder; its target is then in `source.links`.
        const linkname = linkTarget(source.folder, path) ?? source.links[path] ?? '';
        if (createHash('sha256').update(linkname).digest('hex') !== hash) throw writtenTo(path);
        tar.entry({ name: path, uid: 0, gid: 0, uname: 'root', gname: 'root', type: 'symlink', linkname });
        continue;
      }
      const { content, mtime, size, mode } = await contentOf(source, path);
      const entry = tar.entry({ name: path, mtime, uid: 0, gid: 0, uname: 'root', gname: 'root', size, mode });
      const sum = createHash('sha256');
      await pipeline(content, count(sum), entry);
      if (sum.digest('hex') !== hash) throw writtenTo(path);
    }
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return tar;
}

/** Opens a file to send: either one from the folder, or one that we generate and whose text is therefore known. */
async function contentOf({ folder, texts }: Source, path: string) {
  const text = texts[path];
  if (text !== undefined)
    return { content: Readable.from([Buffer.from(text)]), mtime: new Date(0), size: Buffer.byteLength(text), mode: 0o644 };
  const full = join(folder, path);
  const found = await lstat(full).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!found.isFile()) throw writtenTo(path);
  const { mtime, size, mode } = found;
  return { content: createReadStream(full, { highWaterMark: 1 << 18 }), mtime, size, mode: mode & 0o111 ? 0o755 : 0o644 };
}

/** Returns the Problem for a file that can no longer be read, for example because it was removed after the application was read. */
function unreadable(path: string, cause: unknown): Problem {
  return new Problem({
    message: `${JSON.stringify(path)} could not be read in order to send it: ${messageOf(cause)}.`,
    hint: 'Check that the file exists and that you may read it, then run again.',
    cause,
  });
}

/** Returns the Problem for a file whose content is no longer what was hashed. */
function writtenTo(path: string): Problem {
  return new Problem({
    message: `${JSON.stringify(path)} changed before or while it was being sent.`,
    hint: "Run again when nothing is writing to the application's folder.",
  });
}

/** The minimum interval between two progress events. */
const progressIntervalMs = 100;

/**
 * Returns a function that makes a pass-through for one file: it updates the file's hash, and reports the progress of the whole upload at
 * intervals and at the end.
 */
function counter({ source, filesToSend }: Pick<Transfer, 'source' | 'filesToSend'>, tell: Tell) {
  const [files, all] = [filesIn(filesToSend), filesIn(source.entries).length];
  const total = files.reduce((sum, { path }) => sum + (source.sizes.get(path) ?? 0), 0);
  const text = `sending the application (${files.length === all ? '' : `${files.length} of `}${all} files)`;
  let sent = 0;
  let next = 0;
  return (sum: { update(chunk: Buffer): unknown }) =>
    async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        sum.update(chunk);
        yield chunk;
        sent += chunk.length;
        const now = performance.now();
        if (now < next && sent < total) continue;
        next = now + progressIntervalMs;
        tell({ part: Math.min(sent / total, 1), text });
      }
    };
}
