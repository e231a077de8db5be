import { styleText } from 'node:util';
import ora, { type Ora } from 'ora';
import type { Event, Result } from '../engine/event.ts';
import type { Problem } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { Options } from './options.ts';
import { planText } from './plan-text.ts';
import type { Reporter } from './reporter.ts';

type Style = Parameters<typeof styleText>[0];

/** For people: one status line that moves where there is a terminal, plain lines elsewhere. Progress goes to standard error, results to standard output. */
export function terminalReporter(options: Options): Reporter {
  const started = performance.now();
  const live = Boolean(process.stderr.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'] && !options.quiet);
  // Ctrl-C stays ours: without discardStdin: false, ora takes it.
  const spinner: Ora | undefined = live ? ora({ discardStdin: false, stream: process.stderr }) : undefined;
  const say = (line: string) => {
    if (options.quiet) return;
    const spinning = spinner?.isSpinning;
    if (spinning) spinner?.clear();
    process.stdout.write(`${line}\n`);
    if (spinning) spinner?.render();
  };
  const status = (text: string) => {
    if (spinner) spinner.isSpinning ? (spinner.text = fit(text)) : spinner.start(fit(text));
    else if (options.verbose) say(text);
  };
  let last = '';

  const emit = (event: Event): void => {
    switch (event.event) {
      case 'stage':
        status(event.text);
        if (!spinner && !options.verbose && event.text !== last) say(event.text);
        last = event.text;
        break;
      case 'note':
        say(event.text);
        break;
      case 'connected':
        say(`${mark('ok')} ${event.host}: ${event.title}`);
        break;
      case 'plan':
        say(planText(event.plan));
        break;
      case 'progress':
        status(event.part === undefined ? event.text : `${bar(event.part)} ${event.text}`);
        break;
      case 'step':
        status(`${event.step.number}/${event.of} ${event.step.name}`);
        break;
      case 'done':
        if (options.verbose) say(`${mark('ok')} ${event.step.name}: ${event.step.summary}`);
        break;
      case 'undo':
        say(`${mark(event.ok ? 'back' : 'bad')} ${event.step.name} ${event.ok ? 'put back' : 'could not be put back'}`);
        break;
      case 'hop':
        for (const line of hopLines(event.hop)) say(line);
        break;
    }
  };

  return {
    emit,
    pause: () => spinner?.stop(),
    finish: (result: Result, problem?: Problem) => {
      spinner?.stop();
      if (problem) process.stderr.write(`${problemText(problem)}\n`);
      else say(`${styleText('dim', `${((performance.now() - started) / 1000).toFixed(1)} s`)}`);
    },
  };
}

const marks: Readonly<Record<string, readonly [string, Style]>> = {
  ok: ['✔', 'green'],
  bad: ['✖', 'red'],
  warn: ['!', 'yellow'],
  back: ['↺', 'yellow'],
};

function mark(name: string): string {
  const [sign, style] = marks[name] ?? ['·', 'dim'];
  return styleText(style, sign);
}

/** One line for a healthy hop; what is wrong, with its log, for another. */
function hopLines(hop: Hop): readonly string[] {
  const sign = mark(hop.ok ? (hop.warning ? 'warn' : 'ok') : 'bad');
  const time = styleText('dim', `${String(hop.ms).padStart(5)} ms`);
  return [
    `${sign} ${hop.hop.padEnd(8)}${time}  ${hop.detail}`,
    ...(hop.warning ? [`${' '.repeat(19)}${hop.warning}`] : []),
    ...(hop.log ?? []).map((line) => `    ${styleText('dim', '│')} ${line}`),
  ];
}

function problemText({ message, details }: Problem): string {
  const { host, step, command, commandExit, stderr, hint } = details;
  const facts = [
    ...(host && !message.includes(host) ? [`host     ${host}`] : []),
    ...(step && !message.includes(step) ? [`step     ${step}`] : []),
    ...(command ? [`command  ${command}`] : []),
    ...(commandExit === undefined ? [] : [`exit     ${commandExit}`]),
  ];
  return [
    `${mark('bad')} ${message}`,
    ...facts.map((fact) => `  ${fact}`),
    ...(stderr ? stderr.split('\n').map((line) => `  ${styleText('dim', '│')} ${line}`) : []),
    ...(hint ? [`  ${hint}`] : []),
  ].join('\n');
}

function bar(part: number): string {
  const width = 16;
  const full = Math.round(part * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.round(part * 100)).padStart(3)} %`;
}

/** A status line that wraps cannot be cleared. */
function fit(text: string): string {
  const width = (process.stderr.columns ?? 80) - 4;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
