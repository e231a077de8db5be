import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { problemOf, type RunOutcome } from '../../src/engine/outcome.ts';
import { follow, start } from '../../src/engine/run.ts';
import { exitCode } from '../../src/error.ts';
import { file, packages, reload, secret } from '../../src/index.ts';
import type { Event } from '../../src/operations/event.ts';
import { recordingTransport } from '../transport/recording.ts';
import { planOf } from './plans.ts';

const plan = planOf({
  p: [...packages('nginx'), secret('db', { value: new Secret('p"w$ é') }), file('/etc/a', { content: 'a', notify: reload('nginx') })],
});

/** Reads a journal of these lines, and returns its events and its outcome. */
async function told(...lines: readonly string[]): Promise<{ readonly ending: RunOutcome; readonly events: readonly Event[] }> {
  const events: Event[] = [];
  const transport = recordingTransport([[/systemd-run/, lines.map((line) => `${line.replaceAll(' | ', '\t')}\n`).join('')]]);
  const ending = await start(transport, 'run-1', 'script', plan, (event) => events.push(event));
  return { ending, events };
}

const brief = (events: readonly Event[]) =>
  events.map((event) => {
    switch (event.event) {
      case 'step':
      case 'done':
        return `${event.event} ${event.step.name}`;
      case 'undo':
        return `undo ${event.step.name} ${event.ok}`;
      case 'stage':
      case 'progress':
        return `${event.event} ${event.text}`;
      default:
        return event.event;
    }
  });

describe('a journal', () => {
  test('becomes events, step by step', async () => {
    const { ending, events } = await told(
      'start | run-1',
      'begin | 0 | packages',
      'progress | waiting for apt-get (pid 7)',
      'dlstatus:1:50.0:Retrieving file 1 of 2',
      'pmstatus:nginx:100:Installed nginx (amd64)',
      'begin | 1 | package:nginx',
      'ok | 1',
      'begin | 2 | secret:db',
      'ok | 2',
      'check | nginx -t',
      'begin | 3 | file:/etc/a',
      'ok | 3',
      'begin | 4 | reload:nginx.service',
      'ok | 4',
      'end | ok',
    );
    expect(ending).toEqual({ kind: 'ok' });
    expect(brief(events)).toEqual([
      'stage packages',
      'progress waiting for apt-get (pid 7)',
      'progress fetching packages',
      'progress Installed nginx (amd64)',
      'step package:nginx',
      'done package:nginx',
      'step secret:db',
      'done secret:db',
      'stage nginx -t',
      'step file:/etc/a',
      'done file:/etc/a',
      'step reload:nginx.service',
      'done reload:nginx.service',
    ]);
    const parts = events.flatMap((event) => (event.event === 'progress' && event.part !== undefined ? [event.part] : []));
    expect(parts).toEqual([0.05, expect.closeTo(1, 2)]);
  });

  const failure = [
    'begin | 1 | package:nginx',
    'ok | 1',
    'begin | 3 | file:/etc/a',
    'fail | file:/etc/a | 7',
    'err | no\tspace',
    'err | left',
  ];
  test.each<readonly [string, readonly string[], RunOutcome]>([
    [
      'rolled back',
      [...failure, 'undone | 3', 'end | rolled-back'],
      { kind: 'rolled-back', step: 'file:/etc/a', code: 7, stderr: 'no\tspace\nleft', stuck: [], lasting: ['package:nginx'] },
    ],
    [
      'that cannot be rolled back',
      [...failure, 'stuck | 3', 'end | failed'],
      { kind: 'failed', step: 'file:/etc/a', code: 7, stderr: 'no\tspace\nleft', stuck: ['file:/etc/a'], lasting: ['package:nginx'] },
    ],
    [
      'that went on without two sites',
      [
        'start | run-1',
        'begin | 2 | secret:db',
        'fail | secret:db | 3',
        'err | one',
        'undone | 2',
        'site | a.test | rolled-back',
        'begin | 3 | file:/etc/a',
        'fail | file:/etc/a | 4',
        'err | two',
        'stuck | 3',
        'site | b.test | failed',
        'end | partial',
      ],
      {
        kind: 'ok',
        failed: [
          { site: 'a.test', step: 'secret:db', code: 3, stderr: 'one', stuck: [], lasting: [] },
          { site: 'b.test', step: 'file:/etc/a', code: 4, stderr: 'two', stuck: ['file:/etc/a'], lasting: [] },
        ],
      },
    ],
    ['stopped', ['start | run-1', 'end | stopped'], { kind: 'stopped' }],
    ['stale', ['end | stale'], { kind: 'stale' }],
    ['kept out', ['end | busy | run-0'], { kind: 'busy', holder: 'run-0' }],
    ['interrupted', ['start | run-1', 'begin | 1 | package:nginx'], { kind: 'interrupted' }],
    ['with unknown words', ['start | run-1', 'hello | there', '', 'ok | 99', 'end | ok'], { kind: 'ok' }],
  ])('of a run %s', async (_, lines, expected) => {
    expect((await told(...lines)).ending).toEqual(expected);
  });

  test('of a run that another client has started is followed with the names of its steps', async () => {
    const events: Event[] = [];
    const transport = recordingTransport([[/tail/, 'start\trun-0\nbegin\t1\tfile:/etc/z\nok\t1\nend\tok\n']]);
    expect(await follow(transport, 'run-0', (event) => events.push(event))).toEqual({ kind: 'ok' });
    expect(brief(events)).toEqual(['stage file:/etc/z']);
  });
});

describe('starting', () => {
  test('sends the script and then each secret, and puts neither into arguments', async () => {
    const transport = recordingTransport([[/systemd-run/, 'end\tok\n']]);
    await start(transport, 'run-1', 'é script', plan, () => {}, undefined, undefined, 'who\n');
    const [call] = transport.calls;
    if (call?.kind !== 'run') return expect.unreachable();
    const [words = ''] = call.input.toString('latin1').split('\n');
    expect(words).toMatch(/^run-1 \d+ 4 db 7$/);
    const at = words.length + 1 + Number(words.split(' ')[1]);
    expect(gunzipSync(call.input.subarray(words.length + 1, at)).toString()).toBe('é script');
    expect(call.input.subarray(at).toString()).toBe('who\np"w$ é');
    expect(call.text).not.toContain('p"w');
  });

  test('is done by the input, for which the host waits', async () => {
    const state = mkdtempSync(join(tmpdir(), 'launch-'));
    try {
      // Replaces systemd-run, and prints what would be started.
      // This run ends before anybody asks for its process.
      writeFileSync(join(state, 'systemd-run'), `#!/bin/sh\nprintf 'end\\tok\\n' >>${state}/runs/run-1/journal\n`, { mode: 0o755 });
      writeFileSync(join(state, 'systemctl'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
      const run = (text: string, input: Buffer) =>
        spawnSync('dash', ['-c', text.replaceAll('/var/lib/foobar-provision', state)], {
          input,
          encoding: 'utf8',
          env: { PATH: `${state}:/usr/bin:/bin` },
          timeout: 20_000,
        });
      const transport = recordingTransport([
        [
          /systemd-run/,
          (text, input) => {
            const { stdout, stderr, status } = run(text, input);
            return { stdout, stderr, code: status ?? 1 };
          },
        ],
      ]);
      expect(await start(transport, 'run-1', 'é script', plan, () => {})).toEqual({ kind: 'ok' });
      const there = (path: string) => readFileSync(join(state, 'runs/run-1', path), 'utf8');
      expect([there('script'), there('secrets/db'), there('journal')]).toEqual(['é script', 'p"w$ é', 'end\tok\n']);
      const [call] = transport.calls;
      expect(run(call?.kind === 'run' ? call.text : '', Buffer.of()).stdout).toBe('');
      expect(readdirSync(join(state, 'runs'))).toEqual(['run-1']);
    } finally {
      rmSync(state, { recursive: true });
    }
  });

  test('is a problem if the host cannot start the run, and nothing was changed', async () => {
    const transport = recordingTransport([[/systemd-run/, { code: 1, stderr: 'Failed to connect to bus\n' }]]);
    await expect(start(transport, 'run-1', 'x', plan, () => {})).rejects.toMatchObject({
      details: { stderr: 'Failed to connect to bus', hint: expect.stringContaining('Nothing was changed') },
    });
  });
});

describe('messages to the user', () => {
  const failed = { step: 'file:/etc/a', code: 7, stderr: 'no space', stuck: ['file:/etc/a'], lasting: ['package:nginx'] };
  test.each([
    [{ kind: 'busy', holder: 'run-0' }, exitCode.locked, /run-0.*holds the lock of web/],
    [{ kind: 'stale' }, exitCode.failed, /Another run has changed web/],
    [{ kind: 'stopped' }, exitCode.interrupted, /stopped after its current step/],
    [{ kind: 'interrupted' }, exitCode.failed, /was interrupted/],
    [{ kind: 'rolled-back', ...failed }, exitCode.rolledBack, /file:\/etc\/a failed, so the run was rolled back/],
    [{ kind: 'failed', ...failed }, exitCode.failed, /file:\/etc\/a failed, and file:\/etc\/a could not be rolled back/],
  ] as const)('%j', (ending, exit, message) => {
    const problem = problemOf(ending, 'web', 'run-1');
    expect(problem).toMatchObject({ exit, message: expect.stringMatching(message), details: { host: 'web', hint: expect.any(String) } });
    if (ending.kind === 'rolled-back')
      expect(problem.details.hint).toContain('These changes stay, because they cannot be rolled back: package:nginx.');
  });
});
