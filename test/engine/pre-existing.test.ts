import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { emptyManifest, manifestOf } from '../../src/engine/manifest.ts';
import { requireOurs } from '../../src/engine/pre-existing.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { group, user } from '../../src/resources/account.ts';
import { certificate } from '../../src/resources/certificate.ts';
import { directory } from '../../src/resources/directory.ts';
import { file } from '../../src/resources/file.ts';
import { kinds } from '../../src/resources/index.ts';
import { live } from '../../src/resources/live.ts';
import { mysqlDatabase, mysqlUser } from '../../src/resources/mysql.ts';
import { aptRepository } from '../../src/resources/repository.ts';
import { symlink } from '../../src/resources/symlink.ts';

const web = user('web', { home: '/srv/www/web.test' });
const current = live('/srv/www/web.test/current', { release: 'a', keep: 2 });
const shop = mysqlDatabase('shop');
const account = mysqlUser('shop', { database: 'shop', secret: 'web.test.database' });

const shared = directory('/srv/www/web.test/shared', { owner: 'web', mode: '0750', group: 'www-data', holds: 'data', exclusive: true });
const unit = file('/etc/systemd/system/web.test-queue@.service', { content: 'unit', exclusive: true });
const enabled = symlink('/etc/nginx/sites-enabled/web.test.conf', { to: '../sites-available/web.test.conf', exclusive: true });
const folder = (owner: string, path: string) => `0750\t${owner}\twww-data\tdirectory\t${path}\n`;
const sum = (text: string) => createHash('sha256').update(text).digest('hex');

const sury = aptRepository('sury', { uris: 'https://packages.example/php', suites: 'trixie', components: 'main', key: 'a' });

interface Host {
  readonly outputs?: Readonly<Record<string, string>>;
  readonly record?: 'manifest' | 'pending' | 'others';
  readonly adopt?: readonly string[];
}

function check(resource: Resource, { outputs = {}, record, adopt = [] }: Host): void {
  const wanted = [{ playbook: 'own', resource }];
  const known = manifestOf('old.test', '1.0.0', wanted, new Map());
  const remembered = { others: record === 'others' ? [known] : [emptyManifest('b.test', '1.0.0')], pendingHandlers: [] };
  requireOurs(
    wanted,
    { ...remembered, ...(record && record !== 'others' && { [record]: known }) },
    kinds,
    new Map(Object.entries(outputs)),
    adopt,
  );
}

const person = { user: 'web:x:1000:1000::/home/web:/bin/bash\n' };
const tables = { 'mysql-database': 'shop\t7\n' };
const login = { 'mysql-user': 'user\tshop\tlocalhost\n' };

describe('pre-existing resources', () => {
  test.each<[string, Resource, Host, string]>([
    ['a person', web, { outputs: person }, 'user:web exists, with the number 1000, the home /home/web and the shell /bin/bash'],
    [
      'a group with members',
      group('web'),
      { outputs: { group: 'web:x:1000:anna\n' } },
      'group:web exists, with the number 1000 and the members: anna',
    ],
    ['a database', shop, { outputs: tables }, 'mysql-database:shop exists, with 7 tables'],
    ['a database of a server that is down', shop, { outputs: { 'mysql-database': 'shop\t?\n' } }, 'mysql-database:shop exists'],
    ["another application's account", account, { outputs: login }, "mysql-user:shop exists as 'shop'@'localhost'"],
    [
      'a site of another configuration',
      current,
      { record: 'others' },
      'Another configuration on this host, old.test, has live:/srv/www/web.test/current.',
    ],
    ["another configuration's user", web, { record: 'others' }, 'Another configuration on this host, old.test, has user:web.'],
    [
      "another configuration's folder of a site",
      directory('/srv/www/web.test', { exclusive: true }),
      { record: 'others' },
      'has directory:/srv/www/web.test',
    ],
    [
      'a folder with something in it',
      directory('/srv/www/web.test', { exclusive: true }),
      { outputs: { directory: `${folder('root', '/srv/www/web.test')}stranger /srv/www/web.test/index.html\n` } },
      'directory:/srv/www/web.test exists, a directory of root, with "index.html" in it',
    ],
    [
      "a folder with somebody else's data",
      shared,
      { outputs: { directory: folder('deploy', shared.id) } },
      'directory:/srv/www/web.test/shared exists, a directory of deploy with something in it',
    ],
    [
      'a file in the place of a folder',
      shared,
      { outputs: { directory: folder('root', shared.id).replace('directory', 'regular file') } },
      'directory:/srv/www/web.test/shared exists, a regular file of root',
    ],
    [
      'a unit',
      unit,
      { outputs: { file: `0644\troot\troot\tregular file\t${unit.id}\t2026-01-01 00:00:00\n${'0'.repeat(64)}  ${unit.id}\n` } },
      `file:${unit.id} exists, a regular file, changed 2026-01-01 00:00:00`,
    ],
    [
      'an enabled site of nginx',
      enabled,
      { outputs: { symlink: `l\t/srv/own.conf\t${enabled.id}\n` } },
      `symlink:${enabled.id} exists, a link to /srv/own.conf`,
    ],
    [
      'a name that the host already serves',
      { ...enabled, disputed: 'would serve web.test, which /etc/nginx/sites-enabled/own already serves' },
      {},
      `symlink:${enabled.id} would serve web.test, which /etc/nginx/sites-enabled/own already serves`,
    ],
    [
      'an apt repository',
      sury,
      { outputs: { 'apt-repository': 'name\tsury\nTypes: deb\nURIs: https://other.example/php\nkey\n' } },
      'apt-repository:sury exists, as https://other.example/php',
    ],
    [
      'a certificate that somebody has',
      certificate('web.test', { names: ['web.test'], directory: 'https://ca.example' }),
      { outputs: { certificate: 'web.test\ttheirs\n' } },
      'certificate:web.test exists in certbot, which renews it as somebody has set it up',
    ],
    ['a database of another configuration, whatever is adopted', shop, { record: 'others', adopt: ['mysql-database:shop'] }, 'old.test'],
  ])('%s is refused by name', (_, resource, host, message) => {
    expect(() => check(resource, host)).toThrow(message);
  });

  test.each<[string, Resource, Host]>([
    ['it does not exist', web, {}],
    ['the last run has recorded it', web, { outputs: person, record: 'manifest' }],
    ['an interrupted run has recorded it', shop, { outputs: tables, record: 'pending' }],
    ['the configuration adopts it', shop, { outputs: tables, adopt: ['mysql-database:shop'] }],
    ['the user is as desired', web, { outputs: { user: 'web:x:998:998::/srv/www/web.test:/usr/sbin/nologin\n' } }],
    ['a folder is empty', shared, { outputs: { directory: `${folder('deploy', shared.id)}empty\t${shared.id}\n` } }],
    ['a folder with data is as desired', shared, { outputs: { directory: folder('web', shared.id) } }],
    ['a folder is not exclusive', directory('/srv/www'), { outputs: { directory: folder('deploy', '/srv/www') } }],
    ['a file does not exist', unit, {}],
    [
      'a file has the same content',
      unit,
      { outputs: { file: `0600\troot\troot\tregular file\t${unit.id}\n${sum('unit\n')}  ${unit.id}\n` } },
    ],
    [
      "a file is everybody's",
      file('/etc/issue', { content: 'ours' }),
      { outputs: { file: `0644\troot\troot\tregular file\t/etc/issue\n` } },
    ],
    ['a link has the same target', enabled, { outputs: { symlink: `l\t../sites-available/web.test.conf\t${enabled.id}\n` } }],
    ['the served name is already on record', { ...enabled, disputed: 'would serve web.test' }, { record: 'manifest' }],
    ['no repository of this name exists', sury, { outputs: { 'apt-repository': 'name\tsury\nkey\n' } }],
    ['nobody is in the group', group('web'), { outputs: { group: 'web:x:998:\n' } }],
    ['the account has the password that we keep', account, { outputs: { 'mysql-user': `${login['mysql-user']}login\tshop\tlocalhost\n` } }],
    ['the server is down, so the kind itself handles it', account, { outputs: { 'mysql-user': 'down\tshop\n' } }],
  ])('is not a conflict if %s', (_, resource, host) => {
    expect(() => check(resource, host)).not.toThrow();
  });

  test('the message for a renamed configuration has its former name', () => {
    expect(() => check(current, { record: 'others' })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ hint: expect.stringContaining("add name: 'old.test' to it") }) }),
    );
  });
});
