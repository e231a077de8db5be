import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { enter } from '../../playbooks/host/view.ts';
import { type Command, lines, sh } from '../command/command.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { exitCode } from '../error.ts';
import { sitePaths } from '../host-paths.ts';
import type { Terminal, Transport } from '../transport/transport.ts';
import { chosenSite } from './chosen-site.ts';
import type { Result } from './event.ts';
import { type LiveRelease, liveRelease } from './live-release.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { totalOf } from './summarize.ts';

/** What a command's input and output are connected to. */
export type Streams =
  | { readonly kind: 'terminal'; readonly terminal: Terminal }
  | { readonly kind: 'pipes'; readonly input?: Readable; readonly output: Writable; readonly errors: Writable };

export interface InSiteRequest {
  readonly site?: string | undefined;
  /** The command and its arguments. If empty, a shell is started. */
  readonly words: readonly string[];
  readonly streams: Streams;
}

/**
 * Runs a command in a site's live release, as the site's user and with its environment. The result has the exit code of the command. An
 * interruption is passed on to the command.
 */
export async function runInSite(request: InSiteRequest, fleet: Fleet, context: Context): Promise<Result> {
  const what = request.words.length > 0 ? 'A command' : 'A shell';
  const session = onlyHostWith(fleet, 'web', what);
  const { domain } = await chosenSite(session.config, request.site, what, context);
  const live = await liveRelease(session, domain);
  const code = await runWords(session, domain, live, request, context);
  const { host } = session.transport;
  return totalOf([{ host, ok: code === exitCode.done, changed: 0, checked: 0, exitCode: code }]);
}

async function runWords(
  { transport }: HostSession,
  domain: string,
  live: LiveRelease,
  { words, streams }: InSiteRequest,
  { signal }: Context,
): Promise<number> {
  const unit = `foobar-provision-command-${domain}-${randomBytes(4).toString('hex')}`;
  return connected(transport, unit, commandScript(unit, domain, live, words, streams.kind), streams, { signal });
}

/** Runs a script that starts this unit, connected to these streams, and resolves to its exit code. An interruption is passed on. */
export async function connected(
  transport: Transport,
  unit: string,
  script: Command,
  streams: Streams,
  { signal }: Pick<Context, 'signal'>,
): Promise<number> {
  if (streams.kind === 'terminal') return transport.inTerminal(script, streams.terminal);
  const interrupt = () => void transport.script(sh`systemctl kill --signal=INT ${unit}`).catch(() => {});
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const { kind: _, ...pipes } = streams;
    return (await transport.run(script, { ...pipes, timeout: Number.POSITIVE_INFINITY })).code;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** A shell that reads no profile, which would replace the site's PATH. */
const shell = ['/bin/bash'];

/** Returns the script that runs the words like a hook of the live release. */
export function commandScript(
  unit: string,
  domain: string,
  { user, environment, sandbox }: LiveRelease,
  words: readonly string[],
  kind: Streams['kind'],
): Command {
  const { home, current } = sitePaths(domain);
  const properties = [
    `User=${user}`,
    `Group=${user}`,
    `WorkingDirectory=${current}`,
    `EnvironmentFile=-${environment}`,
    // A shell's background jobs learn that their terminal is gone.
    ...(kind === 'terminal' ? ['SendSIGHUP=yes'] : []),
    ...sandbox,
  ];
  const program = [enter, home, '/bin/sh', '-c', passOn, 'sh', ...(words.length > 0 ? words : shell)];
  return lines(
    definitionsOf([bundledLibrary('run/in-site.sh')]),
    sh`run_in_site ${unit} ${kind === 'terminal' ? '--pty' : '--pipe'} --description=${`A command in ${domain}`} ${properties.map((property) => `--property=${property}`)} -- ${program.map(unexpanded)}`,
  );
}

/** Runs a command and exits with its code, or with 128 plus the signal that ended it, which systemd-run would report as a success. */
const passOn = 'trap : INT QUIT; "$@"; exit "$?"';

/** Returns a word in which systemd replaces no variables. */
function unexpanded(word: string): string {
  return word.replaceAll('$', '$$$$');
}
