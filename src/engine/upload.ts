import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { quote } from '../command/command.ts';
import type { Config, Source } from '../config/config.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import type { Emit } from './event.ts';
import { stateFolder } from './manifest.ts';
import type { Plan } from './plan.ts';

/** The applications whose files the plan needs on the host, each once however many sites have it. */
export function sourcesOf(plan: Plan, config: Config): readonly Source[] {
  const releases = plan.changes.filter(({ resource }) => resource.startsWith('release:'));
  const sources = new Map(config.sites.map(({ app }) => [app.source.digest, app.source]));
  return [...sources.values()].filter(({ digest }) => releases.some(({ apply }) => apply.text.includes(digest)));
}

/** Sends an application's files to the host's folder of arrivals, in one pass. They get their name there only when all have come. */
export async function upload(transport: Transport, source: Source, id: string, emit: Emit, signal: AbortSignal): Promise<void> {
  const arrival = `${stateFolder}/incoming/${source.digest}`;
  // Two who send the same at once do not touch each other's files; whole ones are whole whoever sent them.
  const part = `${arrival}.${id}.part`;
  const script = `
umask 022
mkdir -p -m 0700 ${stateFolder} && mkdir -p ${stateFolder}/incoming || exit
find ${stateFolder}/incoming -mindepth 1 -maxdepth 1 -mmin +120 -exec rm -rf {} +
if [ -d ${quote(arrival)} ]; then cat >/dev/null; exit; fi
mkdir ${quote(part)} && tar -xzf - --no-same-owner -C ${quote(part)} || { rm -rf ${quote(part)}; exit 1; }
mv -T ${quote(part)} ${quote(arrival)} 2>/dev/null || rm -rf ${quote(part)}`;
  const stream = new PassThrough();
  const [output] = await Promise.all([
    transport.run(script, { input: stream, timeout: 6 * 3600, signal }),
    pipeline(archive(source, emit), createGzip({ level: 1 }), stream),
  ]);
  if (output.code !== 0) {
    throw new Problem({
      message: "The application's files could not be written on the host.",
      host: transport.host,
      commandExit: output.code,
      stderr: output.stderr.trim(),
      hint: /No space left/.test(output.stderr)
        ? 'Make room on the host, then run again. The site serves as before.'
        : 'Nothing that is live was changed; correct it and run again.',
    });
  }
}

/** The files as a tar stream. Their owner is root there, and their mode says only whether they can be executed. */
export function archive(source: Source, emit: Emit): Pack {
  const tar = pack();
  const count = counter(source, emit);
  const fill = async () => {
    for (const path of source.files) {
      const full = join(source.folder, path);
      const found = await lstat(full);
      const header = { name: path, mtime: found.mtime, uid: 0, gid: 0, uname: 'root', gname: 'root' };
      if (found.isSymbolicLink()) {
        tar.entry({ ...header, type: 'symlink', linkname: await readlink(full) });
        continue;
      }
      const entry = tar.entry({ ...header, size: found.size, mode: found.mode & 0o111 ? 0o755 : 0o644 });
      await pipeline(createReadStream(full), count, entry);
    }
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return tar;
}

/** Passes on what is sent, and tells of every whole per cent: of a large file as it goes, of a thousand small ones not each. */
function counter({ files, size }: Source, emit: Emit): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  const text = `sending the application (${files.length} files)`;
  let sent = 0;
  let told = -1;
  return async function* (chunks) {
    for await (const chunk of chunks) {
      yield chunk;
      sent += chunk.length;
      const percent = Math.floor((sent / size) * 100);
      if (percent > told) emit({ event: 'progress', part: Math.min(sent / size, 1), text });
      told = percent;
    }
  };
}
