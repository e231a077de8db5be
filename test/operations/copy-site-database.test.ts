import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { Problem } from '../../src/error.ts';
import { definePlaybook } from '../../src/index.ts';
import { type CopyDatabaseRequest, copySiteDatabase } from '../../src/operations/copy-site-database.ts';
import { config } from '../playbooks/configs.ts';
import type { Canned } from '../transport/recording.ts';
import { opened } from './scenario.ts';

const calling = (command: string) => (script: string) => script.split('\n').some((line) => line.startsWith(`${command} `));
const described = (tables: number) => `version\t11.8.6-MariaDB\ntables\t${tables}\t2000\t1000\nfree\t1000\nprogram\tgzip\n`;
const hex = (text: string) => Buffer.from(text).toString('hex');

const masking = (masks: Config['sites'][0]['database']['masks']): Config => {
  const plain = config();
  const [site] = plain.sites;
  return { ...plain, sites: [{ ...site, database: { ...site.database, ...(masks && { masks }) } }] };
};

/** Opens a host of an environment, with another address than the others. */
async function environment(name: string, address: string, masks?: Config['sites'][0]['database']['masks']) {
  const more: readonly Canned[] = [
    [calling('describe_database'), described(2)],
    [calling('list_columns'), `${hex('users')}\t${hex('email')}\n`],
    [calling('take_snapshot'), '20260131-134506 2000\n'],
    [calling('begin_replacement'), ''],
    [calling('complete_replacement'), ''],
    [calling('remove_replacement'), ''],
    [calling('compressed'), ''],
  ];
  const playbooks = [definePlaybook({ name: 'app', resources: () => [] })];
  const { fleet, context, transport } = await opened({ config: masking(masks), playbooks, more, address });
  return { name, fleet, context, transport };
}

async function copy(
  masks: Config['sites'][0]['database']['masks'],
  to: string,
  request: Pick<CopyDatabaseRequest, 'approved' | 'hasTyped'>,
  address = '192.0.2.2',
) {
  const source = await environment('production', '192.0.2.1', masks);
  const target = await environment(to, address);
  const dump = gzipSync("INSERT INTO `users` (`id`, `email`) VALUES (1,'me@mine.test');\n-- Dump completed\n");
  const { run } = source.transport;
  const dumping = {
    ...source.transport,
    run: async (...[command, { output, ...options } = {}]: Parameters<typeof run>) => {
      output?.end(dump);
      return run(command, options);
    },
  };
  const from = { name: source.name, fleet: source.fleet.map((session) => ({ ...session, transport: dumping })) };
  const result = await copySiteDatabase({ from, to: target, ...request }, target.context).catch((error: unknown) => {
    if (error instanceof Problem) return error.message;
    throw error;
  });
  const sent = target.transport.calls.flatMap((call) => (call.kind === 'run' && call.input.length > 0 ? [call.input] : []));
  return { result, sent };
}

test('a copy reaches the target masked', async () => {
  const { gunzipSync } = await import('node:zlib');
  const { result, sent } = await copy({ 'users.email': 'email' }, 'staging', { approved: true, hasTyped: async () => false });
  expect(result).toMatchObject({ ok: true, changed: 1 });
  expect(sent.map((input) => gunzipSync(input).toString())).toEqual([
    expect.stringMatching(/^INSERT INTO `users` \(`id`, `email`\) VALUES \(1,'user-\w{12}@example\.invalid'\);\n-- Dump completed\n$/),
  ]);
});

test.each<readonly [string, string, Parameters<typeof copy>, string]>([
  [
    'production, whose domain was not typed',
    'production',
    [undefined, 'production', { approved: true, hasTyped: async () => false }],
    'was not typed',
  ],
  ['what nobody has approved', 'staging', [undefined, 'staging', { hasTyped: async () => true }], 'There is no terminal to ask'],
  [
    'anything if a mask names a column that is missing',
    'staging',
    [{ 'user.email': 'email' }, 'staging', { approved: true, hasTyped: async () => true }],
    'database.mask names columns that foobar_com on host.test does not have: user.email',
  ],
  ['itself', 'staging', [undefined, 'staging', { approved: true, hasTyped: async () => true }, '192.0.2.1'], 'are the same database'],
])('a copy does not replace %s', async (_, __, args, message) => {
  const { result, sent } = await copy(...args);
  expect(result).toContain(message);
  expect(sent).toEqual([]);
});

test('production is replaced if its domain was typed', async () => {
  const asked: string[] = [];
  const hasTyped = async (domain: string) => {
    asked.push(domain);
    return true;
  };
  expect((await copy(undefined, 'production', { hasTyped })).result).toMatchObject({ ok: true, changed: 1 });
  expect(asked).toEqual(['foobar.com']);
});
