import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/mini';
import { site as playbooks } from '../../playbooks/site.ts';
import { reveal, Secret } from '../../src/command/secret.ts';
import { complete } from '../../src/config-file/complete.ts';
import type { UserSite } from '../../src/config-file/define.ts';
import { schema } from '../../src/config-file/schema.ts';
import { checksOf, gather } from '../../src/engine/playbook.ts';
import { Problem } from '../../src/error.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';

const kinds = ['php', 'python', 'node', 'command', 'static'] as const;
type Kind = (typeof kinds)[number];
type Json = Readonly<Record<string, unknown>>;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'no-effect-'));
  const files = {
    'php/index.php': '<?php',
    'php/other/index.php': '<?php',
    'python/app.py': 'app = 1',
    'python/other/a.css': '',
    'node/server.js': '',
    'node/other/a.css': '',
    'command/server': '',
    'command/other/a.css': '',
    'static/index.html': 'page',
    'static/other/index.html': 'page',
    'ca.pem': '',
    key: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n=aaaa\n-----END PGP PUBLIC KEY BLOCK-----\n',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const made = [
    '-keyout',
    join(folder, 'key.pem'),
    '-out',
    join(folder, 'chain.pem'),
    '-subj',
    '/CN=a.test',
    '-addext',
    'subjectAltName=DNS:a.test',
  ];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9', ...made], {
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * The keys that say how files are read on this machine, how a copy of the database is made, and what is done before migrations. They mean the
 * same for every kind of application.
 */
const ofThisMachine = ['app.source', 'app.exclude', 'app.checksum', 'app.build', 'app.runtime', 'database.mask', 'database.snapshots'];

const acme = { https: { mode: 'on' } };
const worker = { workers: { chat: { command: 'a' } } };
const relay = { mail: { host: 'mail.test', from: 'a@a.test' } };
const login = { user: 'b', password: 'c' };

/** For each key of a site a value that is not its default, and what else the configuration says. */
const samples: Readonly<Record<string, readonly [value: unknown, beside?: Json]>> = {
  domain: ['b.test'],
  www: [true],
  aliases: [['c.test']],
  'app.docroot': ['other'],
  'app.hooks.before': [['true']],
  'app.hooks.after': [['true']],
  'app.shared': [['data']],
  'app.writable': [['tmp']],
  'app.env': [{ A: 'b' }],
  'app.keep': [9],
  'app.healthPath': ['/up'],
  'app.health.path': ['/up'],
  'app.health.status': [204],
  'app.health.empty': [false],
  'limits.upload': ['1G'],
  'limits.seconds': [900],
  'limits.memory': ['1G'],
  'php.version': ['8.3'],
  'php.extensions': [['soap']],
  'php.repository.uris': ['http://a.test/', { php: { version: '8.3', repository: { uris: 'http://b.test', suites: 'a', key: 'key' } } }],
  'php.repository.suites': ['b', { php: { version: '8.3', repository: { uris: 'http://b.test', suites: 'a', key: 'key' } } }],
  'php.repository.components': ['b', { php: { version: '8.3', repository: { uris: 'http://b.test', suites: 'a', key: 'key' } } }],
  'php.settings': [{ memory_limit: '1G' }],
  'php.stderr': [true],
  'php.writable': [['/mnt/media'], worker],
  'python.module': ['a:b'],
  'python.packages': [['python3-flask']],
  'node.start': ['node other.js'],
  'node.port': [8080],
  'command.run': ['./other'],
  'command.activated': [true, { command: { run: './a' } }],
  'database.engine': ['none'],
  'database.name': ['b'],
  'database.user': ['b'],
  'cache.memory': [9, { cache: 'valkey' }],
  'cache.sessions': [true, { cache: 'valkey' }],
  'mail.host': ['b.test', relay],
  'mail.port': [26, relay],
  'mail.user': ['e', { mail: { ...relay.mail, ...login } }],
  'mail.password': ['f', { mail: { ...relay.mail, ...login } }],
  'mail.from': ['b@b.test', relay],
  'mail.tls': ['none', relay],
  'https.mode': ['self-signed', acme],
  'https.email': ['a@a.test', acme],
  'https.directory': ['https://ca.test/', acme],
  'https.staging': [true, acme],
  'https.caBundle': ['chain.pem', acme],
  'https.certificate': ['chain.pem', { https: { key: 'key.pem' } }],
  'https.key': ['key.pem', { https: { certificate: 'chain.pem' } }],
  'https.tls': ['modern', acme],
  'https.hsts': [9, acme],
  'web.policy': ["default-src 'self'"],
  'web.cache': [9],
  'web.proxies': [['10.0.0.0/8']],
  'web.logins.paths': [['/b'], { web: { logins: { paths: ['/a'] } } }],
  'web.logins.perMinute': [9, { web: { logins: { paths: ['/a'] } } }],
  'web.routes': [{ '/a': '/a.php' }],
  'web.proxy': [{ '/a': 8080 }],
  'web.deny': [['/a/']],
  'web.headers': [{ 'X-A': 'b' }],
  workers: [{ a: { command: 'a' } }],
  cron: [{ a: { command: 'a', schedule: 'daily' } }],
};

/** The keys of an object in a JSON schema, each with those of the object that it may be. */
function keysOf(node: unknown, prefix = ''): readonly string[] {
  const forms: readonly unknown[] = Array.isArray(get(node, 'anyOf')) ? (get(node, 'anyOf') as readonly unknown[]) : [node];
  const properties = forms.map((form) => get(form, 'properties')).find((found) => found !== undefined);
  if (typeof properties !== 'object' || properties === null) return [prefix.slice(0, -1)];
  return Object.entries(properties).flatMap(([key, value]) => keysOf(value, `${prefix}${key}.`));
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** A configuration with a value at a path such as `web.cache`. */
function withValue(beside: Json, path: string, value: unknown): Json {
  const [key = '', ...rest] = path.split('.');
  const inside = beside[key];
  return {
    ...beside,
    [key]: rest.length === 0 ? value : withValue(typeof inside === 'object' && inside !== null ? { ...inside } : {}, rest.join('.'), value),
  };
}

/** What the playbooks make of a configuration: the host's resources, and what is checked. */
async function made(kind: Kind, user: Json) {
  const app = { ...(typeof user.app === 'object' ? user.app : {}), source: kind, runtime: kind };
  const beside = kind === 'command' ? { command: { run: './server' } } : {};
  const given = { domain: 'a.test', www: false, https: false, ...beside, ...user, app } as UserSite;
  const config = await complete(given, {}, join(folder, 'foobar.config.ts'));
  const [site] = config.sites;
  const view = viewOf({ ...config, sites: [{ ...site, https: { ...site.https, proven: true } }] }, trixie);
  return [gather(playbooks, view), checksOf(playbooks, view)];
}

/** As text, with what the secrets hold. */
function revealed(value: unknown): string {
  return JSON.stringify(value, function (this: Json, key, each: unknown) {
    const itself = this[key];
    return itself instanceof Secret ? reveal(itself) : each;
  });
}

describe('every key of a site', () => {
  test('has a sample here', () => {
    const site = keysOf(z.toJSONSchema(schema, { unrepresentable: 'any' }))
      .filter(
        (key) => !/^(name|server|servers\..*|sites|timezone|locale|swap|sshKeys|backups\..*|host\..*|adopt|packages|playbooks)$/.test(key),
      )
      // The only value.
      .filter((key) => key !== 'cache.engine' && key !== 'php.repository.key')
      .filter((key) => !ofThisMachine.some((other) => `${key}.`.startsWith(`${other}.`)));
    expect(Object.keys(samples).sort()).toEqual([...site].sort());
  });

  test.each(kinds.flatMap((kind) => Object.entries(samples).map(([key, [value, beside = {}]]) => [key, kind, value, beside] as const)))(
    '%s has an effect on a site of the kind %s, or is refused by name',
    async (key, kind, value, beside) => {
      const refusal = await made(kind, withValue(beside, key, value)).catch((error: unknown) => error);
      if (refusal instanceof Problem) {
        const named = [...refusal.message.matchAll(/^ {2}(\S+):/gm)].map(([, name]) => `${name}.`);
        expect(named.filter((name) => `${key}.`.startsWith(name)).length, refusal.message).toBe(1);
        return;
      }
      if (refusal instanceof Error) throw refusal;
      const without = await made(kind, beside);
      expect(isDeepStrictEqual(refusal, without) && revealed(refusal) === revealed(without)).toBe(false);
    },
  );

  test('the message says why, and what to do', async () => {
    const refusal = made('static', { php: { version: '8.4' }, python: { packages: ['python3-flask'] } });
    await expect(refusal).rejects.toMatchObject({
      message:
        'a.test is a static site, for which these keys have no effect:\n  php.version: PHP does not run for it\n  python.packages: Gunicorn does not run for it',
      details: {
        hint: 'Remove them, or set app.runtime if it is another kind of application. `packages` installs Debian packages for workers and scheduled commands.',
      },
    });
  });
});
