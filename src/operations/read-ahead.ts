import { createHash } from 'node:crypto';
import { releaseName } from '../application/release-name.ts';
import { type Command, lines, sh, withInput } from '../command/command.ts';
import type { Config } from '../config/config.ts';
import { ahead } from '../engine/run-libraries.ts';
import { definitionsOf } from '../engine/shell-library.ts';
import type { ReadHost } from '../engine/survey.ts';
import { stateFolder } from '../host-paths.ts';
import type { Output, Transport } from '../transport/transport.ts';

/** What an operation reads of a host for its plan. */
export type ReadScope = 'everything' | 'the application';

export interface ReadAhead {
  readonly scope: ReadScope;
  /** Whether the host keeps the script for the next time. */
  readonly isKept: boolean;
}

const readTimeoutSeconds = 120;

/** Returns a function that reads the host when it is called. */
export function reading(transport: Transport): ReadHost {
  return (script) => transport.script(script, { timeout: readTimeoutSeconds });
}

/**
 * Makes the host run the script that read it last, which it has kept, so that the reads need no round trip of their own. That is only a
 * guess: its output is used if the first script to be run is the same, and otherwise that script is sent. The host begins after it has
 * printed its records for the survey, so a change since the survey makes the plan stale as usual.
 */
export function readingAhead(transport: Transport, config: Config, { scope, isKept }: ReadAhead): ReadHost {
  const read = reading(transport);
  const call = withLibrary(sh`read_ahead ${`${folder}/${fileOf(config, scope)}`} ${releasesOf(config)}`);
  let sent: Promise<Output | undefined> | undefined = read(call).catch(() => undefined);
  return async (script) => {
    const guess = sent;
    sent = undefined;
    const early = await guess;
    const [, checksum, stdout = ''] = /^([0-9a-f]{64}) {2}-\n(.*)$/s.exec(early?.stdout ?? '') ?? [];
    if (early && checksum === checksumOf(script)) return { ...early, stdout };
    const [output] = await Promise.all([read(script), ...(guess && isKept ? [keepReads(transport, config, scope, script)] : [])]);
    return output;
  };
}

/** Makes a host that has been provisioned keep the script that reads it. */
export async function keepReads(transport: Transport, config: Config, scope: ReadScope, script: Command): Promise<void> {
  const keep = sh`keep_reads ${folder} ${fileOf(config, scope)} ${releasesOf(config)}`;
  await transport.script(withLibrary(withInput(keep, script.text, 'FOOBAR_PROVISION_READS')));
}

const folder = `${stateFolder}/reads`;

function fileOf({ name }: Config, scope: ReadScope): string {
  return `${name}.${scope === 'everything' ? 'all' : 'application'}`;
}

/** Returns each site's domain, with the name that its next release will have. */
function releasesOf({ sites }: Config): readonly string[] {
  return sites.flatMap(({ domain, app }) => [domain, releaseName(app)]);
}

function withLibrary(call: Command): Command {
  return lines(sh`STATE=${stateFolder}`, definitionsOf([ahead]), call);
}

/** Returns the SHA-256 of a script as the host computes it, which ignores how many newlines are at its end. */
function checksumOf({ text }: Command): string {
  return createHash('sha256').update(text.replace(/\n*$/, '\n')).digest('hex');
}
