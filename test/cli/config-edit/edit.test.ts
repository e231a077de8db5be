import { describe, expect, it } from 'vitest';
import { type Change, edit } from '../../../src/cli/config-edit/edit.ts';

const typescript = `// The shop of Example Ltd.
import { defineConfig, Secret } from 'foobar-provision';

export default defineConfig({
  // Rented until May.
  server: "root@203.0.113.5", // the small one
  domain: \`example.com\`,

  app: {
    source: './shop', // built by make
    keep: 8,
    env: { TOKEN: new Secret(process.env.TOKEN ?? '') }
  },
  // php: { version: '8.4' }, // default: the distribution's version
  database: { engine: 'mariadb' }, // as before
  backups: { to: '/mnt/backups', at: '02:00' },
} as const);
`;

const json = `{
    "server": "root@203.0.113.5",
    "domain": "example.com",
    "database": { "engine": "mariadb" },
    "backups": {
        "to": "/mnt/backups"
    }
}
`;

const set = (path: string, value: string | undefined): Change => ({ path: path.split('.'), value });

/** The lines that an edit took away and those that it added. */
async function linesOf(text: string, file: string, ...changes: readonly Change[]) {
  const edited = await edit(text, file, changes);
  const [old, now] = [text.split('\n'), (edited?.text ?? '').split('\n')];
  return { gone: old.filter((line) => !now.includes(line)), come: now.filter((line) => !old.includes(line)), edited };
}

describe('edit', () => {
  it.each<readonly [string, Change, readonly string[], readonly string[]]>([
    [
      'a value, in its quotes',
      set('server', 'root@new'),
      ['  server: "root@203.0.113.5", // the small one'],
      ['  server: "root@new", // the small one'],
    ],
    ['a template', set('domain', 'a`b'), ['  domain: `example.com`,'], ['  domain: `a\\`b`,']],
    [
      'a value in an object',
      set('app.source', "it's"),
      ["    source: './shop', // built by make"],
      ["    source: 'it\\'s', // built by make"],
    ],
    ['a new value, below its example', set('php.version', '8.3'), [], ["  php: { version: '8.3' },"]],
    ['a new value, at the end', set('https.email', 'me@example.com'), [], ["  https: { email: 'me@example.com' },"]],
    [
      'a new value in an object without a last comma',
      set('app.docroot', 'public'),
      ["    env: { TOKEN: new Secret(process.env.TOKEN ?? '') }"],
      ["    env: { TOKEN: new Secret(process.env.TOKEN ?? '') },", "    docroot: 'public',"],
    ],
    [
      'a new value in an object of one line',
      set('database.name', 'shop'),
      ["  database: { engine: 'mariadb' }, // as before"],
      ["  database: { engine: 'mariadb', name: 'shop' }, // as before"],
    ],
    ['a name that is no identifier', set('sshKeys.anna-b', 'ssh'), [], ["  sshKeys: { 'anna-b': 'ssh' },"]],
    ['nothing, if the value is the same', set('backups.to', '/mnt/backups'), [], []],
    ['a removal with what is alone around it', set('database.engine', undefined), ["  database: { engine: 'mariadb' }, // as before"], []],
    [
      'a removal from an object of one line',
      set('backups.to', undefined),
      ["  backups: { to: '/mnt/backups', at: '02:00' },"],
      ["  backups: { at: '02:00' },"],
    ],
    [
      'the removal of the last in an object of one line',
      set('backups.at', undefined),
      ["  backups: { to: '/mnt/backups', at: '02:00' },"],
      ["  backups: { to: '/mnt/backups' },"],
    ],
    ['a removal of what is not there', set('https.email', undefined), [], []],
  ])('makes %s', async (_, change, gone, come) => {
    expect(await linesOf(typescript, 'foobar.config.ts', change)).toMatchObject({ gone, come });
  });

  it.each<readonly [string, Change, readonly string[], readonly string[]]>([
    ['a value', set('server', 'a"b'), ['    "server": "root@203.0.113.5",'], ['    "server": "a\\"b",']],
    ['a new value', set('https.email', 'me@example.com'), ['    }'], ['    },', '    "https": { "email": "me@example.com" }']],
    [
      'a new value in an object',
      set('backups.at', '02:00'),
      ['        "to": "/mnt/backups"'],
      ['        "to": "/mnt/backups",', '        "at": "02:00"'],
    ],
    ['a removal', set('database.engine', undefined), ['    "database": { "engine": "mariadb" },'], []],
    [
      'the removal of the last',
      set('backups.to', undefined),
      ['    "database": { "engine": "mariadb" },', '    "backups": {', '        "to": "/mnt/backups"', '    }'],
      ['    "database": { "engine": "mariadb" }'],
    ],
  ])('makes %s in JSON', async (_, change, gone, come) => {
    const found = await linesOf(json, 'foobar.config.json', change);
    expect(found).toMatchObject({ gone, come });
    JSON.parse(found.edited?.text ?? '');
  });

  it('makes several changes, one after the other', async () => {
    const changes = [set('php.version', '8.3'), set('domain', 'b.com'), set('database.engine', undefined), set('https.email', 'a@b.com')];
    const edited = await edit(typescript, 'foobar.config.ts', changes);
    expect(edited).toMatchObject({ made: changes, unmade: [] });
    expect(edited?.text.replaceAll('\n', ' ')).toMatch(
      /version: '8\.4' .*version: '8\.3' \}, {3}backups.*02:00' \}, {3}https: \{ email: 'a@b.com' \}, \} as const\);/,
    );
  });

  it.each<readonly [string, string, Change, number]>([
    ['is computed', 'export default {\n  server: process.env.SERVER,\n};\n', set('server', 'a'), 2],
    ['is a template with a variable', 'export default {\n  server: `root@${host}`,\n};\n', set('server', 'a'), 2],
    ['is around it, and no object', 'export default {\n\n  https: true,\n};\n', set('https.email', 'a@b'), 3],
    ['is a shorthand', 'const server = 1;\nexport default { server };\n', set('server', 'a'), 2],
    ['is a method', 'export default { server() {} };\n', set('server', 'a'), 1],
    ['may be replaced by a spread', "export default { server: 'a',\n...more };\n", set('server', 'b'), 2],
    ['may be replaced by a computed key', "export default { server: 'a', ['ser' + 'ver']: 'x' };\n", set('server', 'b'), 1],
  ])('refuses what %s, with its line', async (_, text, change, line) => {
    expect(await edit(text, 'foobar.config.ts', [change])).toEqual({ text, made: [], unmade: [{ ...change, line }] });
  });

  it.each([
    ["const config: UserConfig = { server: 'a' };\nexport default config;\n"],
    ["const config = { server: 'a' } satisfies UserConfig;\nexport default defineConfig(config);\n"],
    ["module.exports = { server: 'a' };\n"],
    ["export default ({ ...base, server: 'a' });\n"],
    ["export default { server: 'x', server: 'a' };\n"],
  ])('finds the object in %j', async (text) => {
    expect((await edit(text, 'foobar.config.ts', [set('server', 'b')]))?.text).toBe(text.replace("'a'", "'b'"));
  });

  it.each([
    'export default load();',
    'export default async () => ({});',
    'export default {',
    'export const a = {};',
    'let a = {}; export default a;',
    '',
  ])('refuses %j', async (text) => {
    expect(await edit(text, 'foobar.config.ts', [set('server', 'b')])).toBeUndefined();
  });

  it('adds to an empty object, and to one that has only comments', async () => {
    const added = async (text: string) => (await edit(text, 'foobar.config.ts', [set('server', 'b'), set('domain', 'c')]))?.text;
    expect(await added('export default {};\n')).toBe("export default { server: 'b', domain: 'c' };\n");
    expect(await added('export default {\n  // nothing yet\n};\n')).toBe(
      "export default {\n  // nothing yet\n  server: 'b',\n  domain: 'c',\n};\n",
    );
  });
});
