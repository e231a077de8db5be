import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Compression } from '../../src/database/dump-source.ts';
import { definePlaybook } from '../../src/index.ts';
import { defaultName, exportDatabase } from '../../src/operations/export-database.ts';
import { importDatabase } from '../../src/operations/import-database.ts';
import type { Answer, Canned } from '../transport/recording.ts';
import { opened, outcomeOf, type Scenario } from './scenario.ts';

const described = (tables: number, more = '') =>
  `version\t11.8.6-MariaDB-0+deb13u1\ntables\t${tables}\t2000000\t1000000\n${more}free\t1000\nprogram\tgzip\n`;
/** The last line of a script is the command; the lines above it define functions. */
const calling = (command: string) => (script: string) =>
  script.split('\n').some((line) => line.startsWith(`${command} `) || line === command);
const on = (more: readonly Canned[], agrees?: boolean): Scenario => ({
  playbooks: [definePlaybook({ name: 'app', resources: () => [] })],
  more,
  ...(agrees !== undefined && { agrees }),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'databases-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('an export', () => {
  const to = (path: string) => ({ kind: 'file', path, mayReplace: async () => true }) as const;

  test.each([
    ['dump.sql.gz', 0],
    ['dump.sql', 1],
  ])('is written to %s as it is or unpacked', async (name) => {
    const dump = gzipSync('-- Dump completed\n');
    const canned: readonly Canned[] = [
      [calling('describe_database'), described(3)],
      [calling('compressed 6 print_dump foobar_com foobar.com.database foobar_com foobar_com'), 'unused'],
    ];
    const scenario = await opened(on(canned));
    const { run } = scenario.transport;
    // The recording transport has no streamed output.
    const transport = {
      ...scenario.transport,
      run: async (...[command, { output, ...options } = {}]: Parameters<typeof run>) => {
        output?.end(dump);
        return run(command, options);
      },
    };
    const path = join(folder, name);
    const fleet = scenario.fleet.map((session) => ({ ...session, transport }));
    const result = await exportDatabase({ to: to(path) }, fleet, scenario.context);
    expect(result).toMatchObject({ ok: true, changed: 0, exitCode: 0 });
    expect(readFileSync(path)).toEqual(name.endsWith('.gz') ? dump : Buffer.from('-- Dump completed\n'));
    expect(readdirSync(folder)).toEqual([name]);
  });

  test.each<readonly [string, string, string, Answer, string]>([
    ['the dump program fails', 'x.sql.gz', described(1), { code: 3, stderr: 'Access denied' }, 'could not be dumped'],
    ['the connection is lost', 'x.sql.gz', described(1), new Error('lost'), 'lost'],
    ['the ending is unknown', 'x.zip', described(1), '', 'does not end in .sql or .gz'],
  ])('leaves no file if %s', async (_, name, found, answer, message) => {
    const canned: readonly Canned[] = [
      [calling('describe_database'), found],
      [calling('compressed'), answer],
    ];
    const { fleet, context } = await opened(on(canned));
    await expect(exportDatabase({ to: to(join(folder, name)) }, fleet, context)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('names tables that cannot be dumped consistently', async () => {
    const canned: readonly Canned[] = [
      [calling('describe_database'), described(1, `engine\t${Buffer.from('old table').toString('hex')}\tMyISAM\n`)],
      [calling('compressed'), { code: 1 }],
    ];
    const output = new PassThrough().resume();
    output.on('error', () => {});
    const outcome = await outcomeOf(on(canned), (fleet, context) => exportDatabase({ to: { kind: 'stream', output } }, fleet, context));
    expect(outcome.told).toEqual(['check']);
  });

  test('has its domain and time in its name', () => {
    expect(defaultName('shop.test', new Date('2026-01-31T13:45:06.789Z'))).toBe('shop.test-2026-01-31-134506.sql.gz');
  });
});

describe('an import', () => {
  const dump = (size: number | undefined = 100, compression: Compression = 'gz') =>
    ({ kind: 'dump', dump: { name: 'shop.sql.gz', compression, size, read: () => Readable.from([Buffer.from('statements')]) } }) as const;
  const snapshot = '#ignored\n20260131-134506 2000\n';
  const answers = (tables: number, loaded: Answer = '#note\ta note\n', completed: Answer = ''): readonly Canned[] => [
    [calling('describe_database'), described(tables)],
    [calling('take_snapshot'), snapshot],
    [calling('list_snapshots'), snapshot],
    [calling('begin_replacement'), loaded],
    [calling('complete_replacement'), completed],
    [calling('remove_replacement'), ''],
  ];
  /** The functions that were called on the host for it, in their order. */
  async function calls(scenario: Scenario, request: Parameters<typeof importDatabase>[0]) {
    const { fleet, context, transport, questions } = await opened(scenario);
    const result = await importDatabase(request, fleet, context).catch((error: unknown) => error);
    const made = transport.calls.flatMap((call) =>
      'text' in call ? (/^(?:\w+_(?:snapshots?|replacement)) .*/m.exec(call.text.slice(call.text.indexOf('STATE='))) ?? []) : [],
    );
    return {
      result,
      made: made.map((line) => line.split(' ')[0]),
      questions,
      input: transport.calls.findLast((call) => call.kind === 'run' && call.input.length > 0),
    };
  }

  test.each<readonly [string, number, boolean | undefined, boolean, readonly string[], number]>([
    ['an empty database without a question', 0, undefined, false, ['begin_replacement', 'complete_replacement'], 0],
    ['data after a question, and keeps a snapshot', 2, true, false, ['begin_replacement', 'take_snapshot', 'complete_replacement'], 1],
    ['data that was approved in advance', 2, undefined, true, ['begin_replacement', 'take_snapshot', 'complete_replacement'], 0],
    ['nothing if the person declines', 2, false, false, [], 1],
  ])('replaces %s', async (_, tables, agrees, approved, made, asked) => {
    const found = await calls(on(answers(tables), agrees), { from: dump(), approved });
    expect(found.made).toEqual(made);
    expect(found.questions).toHaveLength(asked);
    expect(found.result).toMatchObject({ ok: true, changed: made.length > 0 ? 1 : 0 });
    if (made.length > 0) expect(found.input).toMatchObject({ input: Buffer.from('statements') });
  });

  test('of a snapshot sends nothing', async () => {
    const { made, input } = await calls(on(answers(1)), { from: { kind: 'snapshot', id: '20260131-134506' }, approved: true });
    expect([made, input]).toEqual([['list_snapshots', 'begin_replacement', 'take_snapshot', 'complete_replacement'], undefined]);
  });

  test.each<readonly [string, readonly Canned[], Parameters<typeof importDatabase>[0], string, readonly string[]]>([
    ['without a terminal', answers(2), { from: dump() }, 'There is no terminal to ask', []],
    [
      'of a snapshot that is gone',
      answers(2),
      { from: { kind: 'snapshot', id: '1' }, approved: true },
      'has no snapshot 1',
      ['list_snapshots'],
    ],
    ['without room', answers(0), { from: dump(500_000) }, 'needs at least 2.0 MB', []],
    [
      'whose dump fails, before a snapshot',
      answers(2, { code: 1, stderr: 'ERROR 1273 (HY000) at line 9: Unknown collation' }),
      { from: dump(), approved: true },
      'still has its old data',
      ['begin_replacement', 'remove_replacement'],
    ],
    [
      'beside another one',
      answers(2, { code: 75, stderr: 'Another command is replacing the database of foobar.com.' }),
      { from: dump(), approved: true },
      'Another command is replacing the database',
      ['begin_replacement', 'remove_replacement'],
    ],
    [
      'whose tables cannot be exchanged',
      answers(2, '', { code: 68 }),
      { from: dump(), approved: true },
      'still has its old data',
      ['begin_replacement', 'take_snapshot', 'complete_replacement', 'remove_replacement'],
    ],
  ])('%s is a problem', async (_, canned, request, message, made) => {
    const found = await calls(on(canned), request);
    expect(String(found.result)).toContain(message);
    expect(found.made).toEqual(made);
  });
});

test('a stream gets the dump unpacked', async () => {
  const output = new PassThrough();
  const scenario = await opened(
    on([
      [calling('describe_database'), described(1)],
      [calling('compressed'), ''],
    ]),
  );
  const { run } = scenario.transport;
  const transport = {
    ...scenario.transport,
    run: async (...[command, { output: receiver, ...options } = {}]: Parameters<typeof run>) => {
      receiver?.end(gzipSync('SELECT 1;'));
      return run(command, options);
    },
  };
  const fleet = scenario.fleet.map((session) => ({ ...session, transport }));
  await exportDatabase({ to: { kind: 'stream', output } }, fleet, scenario.context);
  expect(await text(output)).toBe('SELECT 1;');
});
