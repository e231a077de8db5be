import { exitCode, type Problem } from '../../error.ts';
import type { Hop } from '../../health/check.ts';
import type { Event, Result } from '../../operations/event.ts';
import { onlyColours, printable } from '../../printable.ts';
import type { Options } from '../options.ts';
import { checkLines } from './check.ts';
import { hopLines } from './hop.ts';
import { widthOf, wrap } from './layout.ts';
import { planText } from './plan.ts';
import { problemText } from './problem.ts';
import { isLive, liveProgress, type Progress, plainProgress } from './progress.ts';
import { releaseLines } from './release.ts';
import { releasesText } from './releases.ts';
import type { Reporter } from './reporter.ts';
import { mark, paint } from './symbols.ts';

const silent: Progress = { stage: () => {}, show: () => {}, around: (write) => write(), stop: () => {} };

/** Returns the reporter for people. Progress and failures go to standard error, results to standard output. */
export function terminalReporter(options: Options): Reporter {
  const started = performance.now();
  const { stdout, stderr } = process;
  const progress = options.quiet ? silent : isLive(stdout, stderr) ? liveProgress(stderr) : plainProgress(stderr);
  const unhealthy: Hop[] = [];
  // A question about a plan shows the plan, even with --quiet.
  let untold: string | undefined;

  const write = (lines: readonly string[], stream: NodeJS.WriteStream = stdout) =>
    progress.around(() => void stream.write(`${onlyColours(lines.join('\n'))}\n`));
  const say = (...lines: readonly string[]) => {
    if (!options.quiet && lines.length > 0) write(lines);
  };

  const emit = (event: Event): void => {
    switch (event.event) {
      case 'stage':
        progress.stage(event.text);
        break;
      case 'progress':
        progress.show(event.text, event.part);
        break;
      case 'step':
        progress.show(`${event.step.number}/${event.of} ${event.step.name}`);
        break;
      case 'note':
        say(...wrap(printable(event.text), widthOf(stdout)));
        break;
      case 'connected':
        say(`${mark('ok')} ${printable(`${event.host}: ${event.title}`)}`);
        break;
      case 'plan': {
        const text = planText(event.plan, { all: options.verbose === true, width: widthOf(stdout) });
        if (options.quiet) untold = text;
        else say(text);
        break;
      }
      case 'releases':
        write(releasesText(event));
        break;
      case 'sending':
        say(...releaseLines(event, options.verbose === true).flatMap((line) => wrap(line, widthOf(stdout), 4)));
        break;
      case 'done':
        if (options.verbose) say(...wrap(`${mark('ok')} ${printable(`${event.step.name}: ${event.step.summary}`)}`, widthOf(stdout), 2));
        break;
      case 'undo':
        say(`${mark(event.ok ? 'back' : 'bad')} ${printable(event.step.name)} ${event.ok ? 'rolled back' : 'could not be rolled back'}`);
        break;
      case 'check':
        if (options.quiet && event.check.state !== 'missing') break;
        write(checkLines(event.check, widthOf(options.quiet ? stderr : stdout)), options.quiet ? stderr : stdout);
        break;
      case 'compared':
      case 'run':
        break;
      case 'hop':
        if (!event.hop.ok) unhealthy.push(event.hop);
        if (options.quiet && event.hop.ok) break;
        write(hopLines(event.hop, widthOf(options.quiet ? stderr : stdout)), options.quiet ? stderr : stdout);
        break;
    }
  };

  return {
    emit,
    pause: () => {
      progress.stop();
      if (untold) stdout.write(`${onlyColours(untold)}\n`);
      untold = undefined;
    },
    finish: (result: Result, problem?: Problem) => {
      progress.stop();
      const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
      if (problem) stderr.write(`${onlyColours(problemText(problem, widthOf(stderr)))}\n`);
      else if (result.exitCode === exitCode.unhealthy) stderr.write(`${unhealthyText(unhealthy, widthOf(stderr), stderr)}\n`);
      else say(closing(result, seconds));
    },
  };
}

/** Returns the last line of a successful command. */
function closing({ healthy, changed }: Result, seconds: string): string {
  if (healthy === undefined) return paint('dim', seconds);
  const made = changed === 0 ? '' : `, ${changed} ${changed === 1 ? 'change' : 'changes'} made`;
  return `${mark('ok')} healthy${made} ${paint('dim', seconds)}`;
}

function unhealthyText(hops: readonly Hop[], width: number, stream: NodeJS.WriteStream): string {
  const names = [...new Set(hops.map(({ hop }) => hop))].join(', ');
  const lines = [`The host was reached, but is not healthy: ${names}.`, 'Fix the first one, then re-run: foobar-provision verify'];
  const [first = '', ...more] = lines.flatMap((line) => wrap(`  ${line}`, width, 2));
  return [`${mark('bad', stream)} ${first.slice(2)}`, ...more].join('\n');
}
