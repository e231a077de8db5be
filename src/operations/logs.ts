import { PassThrough } from 'node:stream';
import { bundled } from '../bundled/files.ts';
import { lines, sh } from '../command/command.ts';
import type { Site } from '../config/config.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { exitCode, Problem } from '../error.ts';
import { secretsFolder, stateFolder } from '../host-paths.ts';
import { lineParser } from '../logs/lines.ts';
import { mergeLogs } from '../logs/merge.ts';
import { minutesOf } from '../logs/time.ts';
import { chosenSite } from './chosen-site.ts';
import type { HostResult, Result } from './event.ts';
import { type Feed, feedsOf, type LogSource } from './logs/feeds.ts';
import { onEveryHost } from './on-every-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface LogsRequest {
  readonly site?: string | undefined;
  readonly source: LogSource | { readonly kind: 'run'; readonly id: string };
  readonly follow: boolean;
  readonly since?: Date | undefined;
  readonly matching?: RegExp | undefined;
  /** How many entries are shown. By default the last 100, or the last 20,000 if they are filtered. */
  readonly count?: number | undefined;
}

/** How many lines of each log are read when entries are filtered. */
const most = 20_000;
const usual = 100;

/** Shows the entries of a site's logs in the order of their times, or the log of a run. It changes nothing. */
export async function logs(request: LogsRequest, fleet: Fleet, context: Context): Promise<Result> {
  const { source } = request;
  if (source.kind === 'run')
    return totalOf(await onEveryHost(fleet, context, (session, own) => showRun(session, source.id, request.follow, own)));
  return totalOf(await onEveryHost(fleet, context, (session, own) => showSite(session, { ...request, source }, own)));
}

async function showSite(
  session: HostSession,
  { follow, since, matching, ...request }: LogsRequest & { readonly source: LogSource },
  context: Context,
): Promise<HostResult> {
  const { transport } = session;
  const { host } = transport;
  const site = await chosenSite(session.config, request.site, 'A log', context);
  requireWorker(site, request.source);
  const isFiltered = since !== undefined || matching !== undefined;
  const count = request.count ?? (isFiltered ? most : usual);
  const feeds = feedsOf(site, request.source, { follow, since, lines: isFiltered ? most : count }).filter(({ source }) =>
    session.host.roles.includes(source === 'database' ? 'database' : 'web'),
  );
  if (feeds.length === 0) return doneResult(host, 0, 0);
  let shown = 0;
  const merge = mergeLogs({ since, matching, count }, (entry) => {
    shown += 1;
    context.emit({ event: 'log', host, site: site.domain, entry });
  });
  let parsers: readonly ReturnType<typeof lineParser>[] = [];
  const onLine = (line: string) => {
    const [tag = '', ...rest] = line.split('\t');
    const text = rest.join('\t');
    if (tag === '#zone') parsers = feeds.map(({ format, source }) => lineParser(format, source, minutesOf(text)));
    else if (tag === '#live') merge.live();
    else merge.add(tag, parsers[Number(tag)]?.(text) ?? { kind: 'nothing' });
  };
  // The programs on the host end when this input ends, or when the connection is lost.
  const input = new PassThrough();
  const end = () => void input.end();
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted || !follow) end();
  try {
    await transport.run(script(feeds, follow), { input, onLine, timeout: follow ? Number.POSITIVE_INFINITY : 120 });
  } finally {
    context.signal.removeEventListener('abort', end);
  }
  if (!follow) merge.live();
  return { ...doneResult(host, 0, shown), ...(context.signal.aborted && { exitCode: exitCode.interrupted }) };
}

function script(feeds: readonly Feed[], follow: boolean) {
  const programs = feeds.flatMap(({ words }, index) => [String(index), String(words.length), ...words]);
  return lines(
    sh`printf '#zone\t%s\n' "$(date +%z)"`,
    sh`exec perl -e ${bundled('logs/merge.pl')} ${follow ? 'follow' : 'once'} ${programs}`,
  );
}

function requireWorker({ domain, workers, cron }: Site, source: LogSource): void {
  if (source.kind !== 'worker') return;
  const names = [...Object.keys(workers), ...Object.keys(cron)];
  if (names.includes(source.name)) return;
  throw new Problem({
    message: `${domain} has no worker or scheduled command ${source.name}.`,
    hint: names.length > 0 ? `There are ${names.join(', ')}.` : 'It has none at all.',
  });
}

async function showRun({ transport }: HostSession, id: string, follow: boolean, { emit }: Context): Promise<HostResult> {
  const { host } = transport;
  if (follow)
    throw new Problem({
      message: 'The log of a run cannot be followed.',
      hint: 'The next command that changes something follows a run in progress.',
    });
  if (!/^[\w-]+$/.test(id))
    throw new Problem({ message: `"${id}" is not a valid name of a run.`, hint: 'foobar-provision history shows them.' });
  const output = await transport.script(
    lines(
      sh`STATE=${stateFolder} SECRETS=${secretsFolder}`,
      definitionsOf([bundledLibrary('logs/run.sh', bundledLibrary('run/journal.sh'))]),
      sh`print_run ${id}`,
    ),
  );
  if (output.code !== 0)
    throw new Problem({
      message: output.code === 5 ? `Several runs on ${host} begin with ${id}.` : `There is no run ${id} on ${host}.`,
      hint: 'foobar-provision history shows the runs.',
      host,
    });
  const found = output.stdout.replace(/\n$/, '').split('\n');
  for (const text of found) emit({ event: 'log', host, entry: { source: 'run', level: 'info', text } });
  return doneResult(host, 0, found.length);
}
