import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitCode, Problem } from '../error.ts';
import { fingerprint, judge, type KnownHost, keyType, knownHostLine, nameOf, parseKnownHosts } from './known-hosts.ts';
import type { HostKeyOptions } from './options.ts';
import type { HostSettings } from './ssh-config.ts';

/** The known_hosts entries for one connection, and the file in which to record a new key. */
export interface KnownHosts {
  readonly entries: readonly KnownHost[];
  readonly record?: string;
}

/** Reads the known_hosts files that apply. A missing file counts as empty. */
export async function readKnownHosts(settings: HostSettings, options: HostKeyOptions): Promise<KnownHosts> {
  const userFiles = options.files ?? settings.userKnownHosts;
  const files = options.files ?? [...settings.userKnownHosts, ...settings.globalKnownHosts];
  const entries = await Promise.all(files.map(async (file) => parseKnownHosts(await read(file), file)));
  return { entries: entries.flat(), ...(userFiles[0] !== undefined && { record: userFiles[0] }) };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw new Problem({
      message: `The known_hosts file ${file} cannot be read.`,
      hint: 'Fix its permissions, or name another with --known-hosts.',
      cause,
    });
  }
}

/** Resolves if the key may be trusted, after asking and recording it if necessary; otherwise rejects with a `Problem` (exit 4). */
export async function checkHostKey(key: Buffer, settings: HostSettings, known: KnownHosts, options: HostKeyOptions): Promise<void> {
  const host = settings.hostKeyAlias ?? settings.hostname;
  const port = settings.hostKeyAlias === undefined ? settings.port : 22;
  const verdict = judge(known.entries, host, port, key);
  const name = nameOf(host, port);
  const shown = `${keyType(key)} ${fingerprint(key)}`;
  switch (verdict.kind) {
    case 'match':
      return;
    case 'changed':
      throw refused(
        settings,
        `The host key of ${name} has CHANGED. It is now ${shown}, which is not the one in ${verdict.file}:${verdict.line}. Somebody may be between you and the host.`,
        `If you know that the host was reinstalled, check the fingerprint on its console, then: ssh-keygen -R '${name}' -f ${verdict.file}`,
      );
    case 'revoked':
      throw refused(
        settings,
        `The host key of ${name}, ${shown}, is REVOKED by ${verdict.file}:${verdict.line}. Somebody may be using a stolen key.`,
        `The host needs a new key. If the revocation is a mistake, remove it: ssh-keygen -R '${name}' -f ${verdict.file}`,
      );
    case 'unknown':
      if (!(await isAccepted(key, settings, options))) {
        throw refused(
          settings,
          `The host ${name} has not been seen before, and its key was not accepted: ${shown}.`,
          'Compare the fingerprint with the one that the host or its provider shows. If it is the same, run again with --accept-new.',
        );
      }
      await record(known.record, knownHostLine(host, port, key, settings.hashKnownHosts));
  }
}

/** Resolves to whether to accept an unknown key: by the command-line option, then by ssh_config's StrictHostKeyChecking, then by asking. */
async function isAccepted(key: Buffer, settings: HostSettings, options: HostKeyOptions): Promise<boolean> {
  if (options.accept === 'new') return true;
  switch (settings.strictHostKeyChecking) {
    case 'yes':
      return false;
    case 'no':
    case 'accept-new':
      return true;
    case 'ask':
      if (options.accept === 'known' || options.ask === undefined) return false;
      return options.ask({ host: settings.name, fingerprint: fingerprint(key), type: keyType(key) });
  }
}

async function record(file: string | undefined, line: string): Promise<void> {
  if (file === undefined) return;
  try {
    // Create one level only, as OpenSSH does.
    await mkdir(dirname(file), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const before = await read(file);
    await appendFile(file, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem({
      message: `The host's key cannot be recorded in ${file}.`,
      hint: 'Make the file writable, or name another with --known-hosts.',
      exit: exitCode.unreachable,
      cause,
    });
  }
}

function refused(settings: HostSettings, message: string, hint: string): Problem {
  return new Problem({ message, hint, exit: exitCode.unreachable, host: settings.name });
}
