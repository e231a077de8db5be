import type { SiteState } from '../../engine/event.ts';
import { exitCode, type Problem } from '../../error.ts';
import type { Hop } from '../../health/check.ts';
import type { Event, Result } from '../../operations/event.ts';
import { onlyColors, printable } from '../../printable.ts';
import type { Options } from '../options.ts';
import { backupsText } from './backups.ts';
import { checkLines } from './check.ts';
import { historyLines } from './history.ts';
import { hopLines } from './hop.ts';
import { widthOf, wrap } from './layout.ts';
import { logLines } from './log.ts';
import { type PlanDetail, planText } from './plan.ts';
import { problemText } from './problem.ts';
import { isLive, liveProgress, type Progress, plainProgress } from './progress.ts';
import { releaseLines } from './release.ts';
import { releasesText } from './releases.ts';
import type { Reporter } from './reporter.ts';
import { requestPathLines } from './request-path.ts';
import { statusLines } from './status.ts';
import { mark, paint } from './symbols.ts';
import { tunnelLines } from './tunnel.ts';
import { variableLines } from './variables.ts';

const silent: Progress = { stage: () => {}, show: () => {}, around: (write) => write(), stop: () => {} };

const became: Readonly<Record<SiteState, string>> = {
  'rolled back': 'was rolled back',
  stuck: 'was rolled back, but not completely',
  'left out': 'was left out',
};

/** Returns the reporter for people. Progress and failures go to standard error, results to standard output. */
export function terminalReporter(options: Options): Reporter {
  const started = performance.now();
  const { stdout, stderr } = process;
  const progress = options.quiet ? silent : isLive(stdout, stderr) ? liveProgress(stderr) : plainProgress(stderr);
  const { headingOf, prefixOf, note } = hostHeadings();
  const hops: { readonly host: string; readonly hop: Hop }[] = [];
  // A question about plans shows them, even with --quiet.
  const unshownPlans: string[] = [];

  const write = (host: string | undefined, lines: readonly string[], stream: NodeJS.WriteStream = stdout) =>
    progress.around(() => void stream.write(`${onlyColors([...headingOf(host, stream), ...lines].join('\n'))}\n`));
  const say = (host: string | undefined, ...lines: readonly string[]) => {
    if (!options.quiet && lines.length > 0) write(host, lines);
  };

  const emit = (event: Event): void => {
    const { host } = event;
    note(host);
    switch (event.event) {
      case 'stage':
        progress.stage(prefixOf(host, event.text) + event.text);
        break;
      case 'progress':
        progress.show(prefixOf(host, event.text) + event.text, event.part);
        break;
      case 'step':
        progress.show(`${prefixOf(host)}${event.step.number}/${event.of} ${event.step.name}`);
        break;
      case 'note':
        say(host, ...wrap(printable(event.text), widthOf(stdout)));
        break;
      case 'connected':
        say(undefined, `${mark('ok')} ${printable(`${event.host}: ${event.title}`)}`);
        break;
      case 'plan': {
        const text = planText(event.plan, { detail: detailOf(options), width: widthOf(stdout) });
        if (options.quiet) unshownPlans.push([...headingOf(host, stdout), text].join('\n'));
        else say(host, text);
        break;
      }
      case 'releases':
        write(host, releasesText(event));
        break;
      case 'variables':
        write(host, variableLines(event));
        break;
      case 'status':
        write(host, statusLines(event.status, widthOf(stdout)));
        break;
      case 'history':
        write(host, historyLines(event.runs, widthOf(stdout), Boolean(options.verbose)));
        break;
      case 'log':
        write(host, logLines(event.entry));
        break;
      case 'backups':
        write(host, backupsText(event));
        break;
      case 'sending':
        say(host, ...releaseLines(event, Boolean(options.verbose)).flatMap((line) => wrap(line, widthOf(stdout), 4)));
        break;
      case 'done':
        if (options.verbose)
          say(host, ...wrap(`${mark('ok')} ${printable(`${event.step.name}: ${event.step.summary}`)}`, widthOf(stdout), 2));
        break;
      case 'undo':
        say(
          host,
          `${mark(event.ok ? 'back' : 'bad')} ${printable(event.step.name)} ${event.ok ? 'rolled back' : 'could not be rolled back'}`,
        );
        break;
      case 'site':
        say(
          host,
          ...wrap(
            `${mark('bad')} ${printable(`${event.site}: ${event.step} failed, so this site ${became[event.state]}`)}`,
            widthOf(stdout),
            2,
          ),
        );
        break;
      case 'check':
        if (options.quiet && event.check.state !== 'missing') break;
        write(host, checkLines(event.check, widthOf(options.quiet ? stderr : stdout)), options.quiet ? stderr : stdout);
        break;
      case 'tunnel':
        write(host, tunnelLines(event.tunnel));
        break;
      case 'compared':
      case 'output':
      case 'run':
        break;
      case 'hop':
        hops.push(event);
        if (options.quiet && event.hop.ok) break;
        write(host, hopLines(event.hop, widthOf(options.quiet ? stderr : stdout)), options.quiet ? stderr : stdout);
        break;
    }
  };

  return {
    emit,
    pause: () => {
      progress.stop();
      for (const text of unshownPlans.splice(0)) stdout.write(`${onlyColors(text)}\n`);
    },
    finish: (result: Result, problem?: Problem) => {
      progress.stop();
      if (Number.isFinite(widthOf(stdout))) {
        for (const name of new Set(hops.map(({ host }) => host))) {
          const path = hops.filter(({ host }) => host === name).map(({ hop }) => hop);
          say(name, ...requestPathLines(path, widthOf(stdout)));
        }
      }
      const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
      if (problem) stderr.write(`${onlyColors(problemText(problem, widthOf(stderr)))}\n`);
      else if (result.exitCode === exitCode.unhealthy)
        stderr.write(
          `${unhealthyText(
            hops.filter(({ hop }) => !hop.ok),
            result.hosts.length,
            widthOf(stderr),
            stderr,
          )}\n`,
        );
      else say(undefined, closing(result, seconds));
    },
  };
}

function detailOf({ verbose = 0 }: Options): PlanDetail {
  return (['parts', 'resources', 'diffs'] as const)[Math.min(verbose, 2)] ?? 'parts';
}

/** Returns the last line of a successful command. */
function closing({ healthy, changed }: Result, seconds: string): string {
  if (healthy === undefined) return paint('dim', seconds);
  const made = changed === 0 ? '' : `, ${changed} ${changed === 1 ? 'change' : 'changes'} made`;
  return `${mark('ok')} healthy${made} ${paint('dim', seconds)}`;
}

/**
 * Sets the output of several hosts apart: a heading names the host whose output follows, and a status line begins with its host. The output
 * of a single host has neither.
 */
function hostHeadings() {
  const hosts = new Set<string>();
  const lastOn = new Map<NodeJS.WriteStream, string>();
  return {
    note: (host: string | undefined): void => {
      if (host !== undefined) hosts.add(host);
    },
    headingOf: (host: string | undefined, stream: NodeJS.WriteStream): readonly string[] => {
      if (host === undefined || hosts.size < 2 || lastOn.get(stream) === host) return [];
      lastOn.set(stream, host);
      return [paint('bold', `== ${printable(host)}`, stream)];
    },
    prefixOf: (host: string | undefined, text = ''): string =>
      host === undefined || hosts.size < 2 || text.includes(host) ? '' : `${host}: `,
  };
}

function unhealthyText(
  unhealthy: readonly { readonly host: string; readonly hop: Hop }[],
  hostCount: number,
  width: number,
  stream: NodeJS.WriteStream,
): string {
  const namesOf = (some: typeof unhealthy) =>
    [...new Set(some.map(({ hop: { hop, site } }) => (site === undefined ? hop : `${hop} of ${site}`)))].join(', ');
  const hosts = [...new Set(unhealthy.map(({ host }) => host))];
  const each = hosts.map((host) => `${host} (${namesOf(unhealthy.filter((one) => one.host === host))})`);
  const lines = [
    hostCount > 1
      ? `All hosts were reached, but not all are healthy: ${each.join(', ')}.`
      : `The host was reached, but is not healthy: ${namesOf(unhealthy)}.`,
    'Fix the first one, then re-run: foobar-provision verify',
  ];
  const [first = '', ...more] = lines.flatMap((line) => wrap(`  ${line}`, width, 2));
  return [`${mark('bad', stream)} ${first.slice(2)}`, ...more].join('\n');
}
