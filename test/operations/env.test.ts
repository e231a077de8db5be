import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { bundledLibrary, definitionsOf } from '../../src/engine/shell-library.ts';
import { definePlaybook } from '../../src/index.ts';
import { type EnvChange, env, lineOf } from '../../src/operations/env.ts';
import { config } from '../playbooks/configs.ts';
import { appliedSurvey, fileIsThere, oneFile, outcomeOf, type Scenario } from './scenario.ts';

const folder = '/etc/foobar-provision/instances/foobar.com/.stored';
const stored = (version: string, ...names: readonly string[]) => `\n#facts stored\n${folder}/names ${[version, ...names].join(' ')}\n`;
const change = (what: EnvChange, scenario: Scenario) => outcomeOf(scenario, (fleet, context) => env({ change: what }, fleet, context));
const set = (name: string, value = 'v'): EnvChange => ({ kind: 'set', name, value: new Secret(value) });

test('names are listed with the places of their values, and without the values', async () => {
  const { told } = await change(
    { kind: 'list' },
    { survey: [stored('1', 'API_KEY')], playbooks: [definePlaybook({ name: 'app', resources: () => [] })] },
  );
  expect(told).toEqual(['variables: API_KEY stored on the host']);
});

test('a value is sent only on standard input', async () => {
  let script = '';
  let sent = '';
  const applied = await appliedSurvey();
  const answer = (text: string, input: Buffer) => {
    [script, sent] = [text, input.toString()];
    return '';
  };
  const surveys = [applied, ...Array.from({ length: 3 }, () => applied + stored('2', 'API_KEY'))];
  const { result, told } = await change(set('API_KEY', 'a "secret"'), {
    survey: surveys,
    read: [fileIsThere],
    playbooks: [oneFile],
    more: [[/store_variable/, answer]],
  });
  expect(script).toMatch(/store_variable \/etc\/foobar-provision\/instances\/foobar\.com\/\.stored API_KEY 10$/);
  expect(sent).toBe('a "secret"API_KEY="a \\"secret\\""\n');
  expect(JSON.stringify([result, told, script])).not.toContain('secret"');
});

test('a value that is already stored changes nothing, and one for a site that is not provisioned waits', async () => {
  const same = { survey: [stored('1', 'A')], more: [[/store_variable/, ''] as const] };
  expect(await change(set('A'), same)).toMatchObject({ result: { changed: 0 }, told: ['note: A has this value already.'], runs: 0 });
  const early = { survey: ['', stored('1', 'A')], more: [[/store_variable/, ''] as const] };
  expect((await change(set('A'), early)).told.at(-1)).toBe(
    'note: The site is not provisioned yet, so the change of A goes live with the next run.',
  );
});

describe('a problem is', () => {
  test.each<readonly [EnvChange, string]>([
    [set('1A'), '"1A" is not a valid name for a variable.'],
    [set('A-B'), '"A-B" is not a valid name for a variable.'],
    [set('LD_PRELOAD'), 'LD_PRELOAD cannot be stored: the dynamic linker reads it, before any program of the application starts.'],
    [{ kind: 'unset', name: 'B' }, 'B is not stored for foobar.com on host.test.'],
  ])('%j', async (what, message) => {
    expect((await change(what, { survey: [stored('1', 'A')] })).result).toMatchObject({ message });
  });

  test('a host that cannot store it', async () => {
    const more = [[/store_variable/, { code: 1, stderr: 'No space left on device' }] as const];
    expect((await change(set('A'), { more })).result).toMatchObject({ message: 'A could not be stored on host.test.' });
  });

  test('several sites, of which none is named', async () => {
    const scenario = { config: config({ domain: 'foobar.com' }, { domain: 'other.com' }) };
    expect((await change(set('A'), scenario)).result).toMatchObject({ message: 'A variable is for one site, and foobar.com has 2.' });
  });
});

test('the store keeps each value, creates a version for each change, and removes unused versions', () => {
  const at = mkdtempSync(join(tmpdir(), 'env-'));
  const store = join(at, 'foobar.com', '.stored');
  const text = definitionsOf([bundledLibrary('env/env.sh', bundledLibrary('run/durable.sh'))]).text;
  const run = (call: string, input = '') => execFileSync('sh', ['-euc', `STATE=${at}/state\n${text}\n${call}`], { input });
  const put = (name: string, value: string) =>
    run(`store_variable ${store} ${name} ${Buffer.byteLength(value)}`, `${value}${lineOf(name, new Secret(value))}\n`);
  const versions = () => readdirSync(join(store, 'versions'));
  try {
    const odd = 'q"u\'o $HOME `id` \\n back\\\nline2 é\n';
    put('ODD', odd);
    expect(readFileSync(join(store, 'values/ODD'), 'utf8')).toBe(odd);
    const [first = ''] = versions();
    expect(readFileSync(join(store, 'versions', first), 'utf8')).toBe('ODD="q\\"u\'o \\$HOME \\`id\\` \\\\n back\\\\\nline2 é\n"\n');
    put('ODD', odd);
    expect(versions()).toEqual([first]);
    put('B', 'x');
    expect(readFileSync(join(store, 'names'), 'utf8')).toMatch(/^[0-9a-f]{12} B ODD\n$/);
    for (const value of ['y', 'z']) put('B', value);
    expect(versions()).toHaveLength(2);
    run(`remove_variable ${store} B`);
    run(`remove_variable ${store} ODD`);
    expect(existsSync(join(store, 'names'))).toBe(false);
  } finally {
    rmSync(at, { recursive: true });
  }
});
