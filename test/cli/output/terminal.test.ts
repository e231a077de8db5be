import './plain.ts';
import { describe, expect, it } from 'vitest';
import { terminalReporter } from '../../../src/cli/output/terminal.ts';
import { Problem } from '../../../src/error.ts';
import type { Event, Result } from '../../../src/operations/event.ts';
import { captured } from './captured.ts';

const written = captured();

const well: Event = { event: 'hop', host: 'web', hop: { hop: 'nginx', ok: true, ms: 3, detail: '200' } };
const ill: Event = { event: 'hop', host: 'web', hop: { hop: 'mysql', ok: false, ms: 4, detail: 'no answer', log: ['Shutdown complete'] } };
const plan: Event = {
  event: 'plan',
  host: 'web',
  plan: {
    name: 'foobar.com',
    changes: [],
    handlers: [],
    refused: [],
    checked: 7,
    before: {},
    playbooks: [],
    parts: [],
    clearedHandlers: [],
    remarks: [],
    manifest: { schema: 1, name: 'foobar.com', version: '0', resources: {}, handlers: {} },
  },
};
const unhealthy: Result = { ok: false, changed: 0, checked: 2, healthy: false, exitCode: 6, hosts: [] };

describe('terminalReporter', () => {
  it('writes results to standard output, and progress and failures to standard error', () => {
    const reporter = terminalReporter({});
    for (const event of [{ event: 'stage', text: 'connecting to web' } as const, plan, well, ill]) reporter.emit(event);
    reporter.finish(unhealthy);
    expect(written.out.split('\n').slice(0, 4)).toEqual([
      'Nothing to change: 7 resources are as they should be.',
      '✔ nginx       3 ms  200',
      '✖ mysql       4 ms  no answer',
      '    │ Shutdown complete',
    ]);
    expect(written.err).toBe(
      'connecting to web\n✖ The host was reached, but is not healthy: mysql.\n  Fix the first one, then re-run: foobar-provision verify\n',
    );
  });

  it('shows only failures when it is quiet', () => {
    const reporter = terminalReporter({ quiet: true });
    for (const event of [{ event: 'stage', text: 'connecting to web' } as const, plan, well, ill]) reporter.emit(event);
    reporter.finish(unhealthy);
    expect(written.out).toBe('');
    expect(written.err.split('\n').slice(0, 3)).toEqual([
      '✖ mysql       4 ms  no answer',
      '    │ Shutdown complete',
      '✖ The host was reached, but is not healthy: mysql.',
    ]);
  });

  it('shows the plan before a question even when it is quiet', () => {
    const reporter = terminalReporter({ quiet: true });
    reporter.emit(plan);
    expect(written.out).toBe('');
    reporter.pause();
    expect(written.out).toBe('Nothing to change: 7 resources are as they should be.\n');
  });

  it('prints nothing after the failure', () => {
    terminalReporter({}).finish(
      { ok: false, changed: 0, checked: 0, exitCode: 1, hosts: [] },
      new Problem({ message: 'No.', hint: 'Do this.' }),
    );
    expect(written).toEqual({ out: '', err: '✖ No.\n  Do this.\n' });
  });

  it('sets several hosts apart, and names each unhealthy one', () => {
    const reporter = terminalReporter({});
    const onDatabase: Event = { ...ill, host: 'database' };
    const events: readonly Event[] = [
      { event: 'stage', host: 'web', text: 'connecting to web' },
      { event: 'stage', host: 'database', text: 'connecting to database' },
      { event: 'stage', host: 'database', text: 'reading the host' },
      { event: 'connected', host: 'web', title: 'Debian' },
      plan,
      well,
      onDatabase,
      { event: 'note', text: 'About this machine.' },
      well,
    ];
    for (const event of events) reporter.emit(event);
    reporter.finish({ ...unhealthy, hosts: ['web', 'database'].map((host) => ({ ...unhealthy, host })) });
    expect(written.out.split('\n')).toEqual([
      '✔ web: Debian',
      '== web',
      'Nothing to change: 7 resources are as they should be.',
      '✔ nginx       3 ms  200',
      '== database',
      '✖ mysql       4 ms  no answer',
      '    │ Shutdown complete',
      'About this machine.',
      '== web',
      '✔ nginx       3 ms  200',
      '',
    ]);
    expect(written.err.split('\n').slice(0, 4)).toEqual([
      'connecting to web',
      'connecting to database',
      'database: reading the host',
      '✖ All hosts were reached, but not all are healthy: database (mysql).',
    ]);
  });

  it('shows the plans of all hosts before a question even when it is quiet', () => {
    const reporter = terminalReporter({ quiet: true });
    for (const host of ['web', 'database']) reporter.emit({ event: 'stage', host, text: `connecting to ${host}` });
    for (const host of ['web', 'database']) reporter.emit({ ...plan, host });
    reporter.pause();
    expect(written.out.match(/^== .*$/gm)).toEqual(['== web', '== database']);
  });

  it('does not let a host move the cursor', () => {
    terminalReporter({}).emit({ event: 'connected', host: 'web', title: '\u001b[2J\u001b]0;mine\u0007Debian' });
    expect(written.out).toBe('✔ web: Debian\n');
  });
});
