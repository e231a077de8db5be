import './output/plain.ts';
import { describe, expect, it } from 'vitest';
import { jsonReporter } from '../../src/cli/output/json.ts';
import { terminalReporter } from '../../src/cli/output/terminal.ts';
import { Problem } from '../../src/error.ts';
import type { Event } from '../../src/operations/event.ts';
import { printable } from '../../src/printable.ts';
import { captured } from './output/captured.ts';

const written = captured();

/** Output that could control a terminal: titles, the clipboard, C1 controls, cursor movements, another text direction. */
const hostile = 'a\x1b]0;title\x07b\x1b[2Jc\x9b2Jd\x1b]52;c;aGk=\x1b\\e\rf\x08g\u202eh\u2066i\u2028j\x7fk\x1b[8ml';
const controls = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const events: readonly Event[] = [
  { event: 'stage', text: hostile },
  { event: 'progress', host: hostile, text: hostile },
  { event: 'note', text: hostile },
  { event: 'connected', host: hostile, title: hostile } as Event,
  { event: 'hop', host: hostile, hop: { hop: 'nginx', ok: false, ms: 3, detail: hostile, log: [hostile] } },
];
const problem = () => new Problem({ message: hostile, hint: hostile, host: hostile, step: hostile, command: hostile, stderr: hostile });

describe('what a host prints', () => {
  it.each([{}, { quiet: true }, { verbose: 1 }])('cannot control the terminal (%o)', (options) => {
    const reporter = terminalReporter(options);
    for (const event of events) reporter.emit(event);
    reporter.finish({ ok: false, changed: 0, checked: 0, exitCode: 1, hosts: [] }, problem());
    expect(written.out + written.err).toContain('abc');
    expect(written.out + written.err).not.toMatch(controls);
  });

  it('is escaped in JSON without a change of its meaning', () => {
    const reporter = jsonReporter();
    for (const event of events) reporter.emit(event);
    reporter.finish({ ok: false, changed: 0, checked: 0, exitCode: 1, hosts: [] }, problem());
    expect(written.out + written.err).not.toMatch(controls);
    const last: unknown = JSON.parse(written.out.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ event: 'result', error: { message: hostile, hint: hostile, stderr: hostile } });
  });

  it('keeps its words and lines', () => {
    expect(printable('one\ntwo\x1b[31m three')).toBe('one\ntwo three');
  });
});
