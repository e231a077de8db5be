import { expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { recoverableConfig } from '../../src/config-file/recoverable.ts';
import { parseStoredConfig, recoveredConfig, secretsIn } from '../../src/operations/backup/recovered-config.ts';

const backups = { to: '/mnt/old' };

test('a configuration is stored without the values of its secrets, and gets them again', () => {
  const app = { source: 'https://git.test/a.git', build: ['make'], env: { KEY: new Secret('hush "é'), secret: 'plain' } };
  const mail = { host: 'relay.test', from: 'a@shop.test', user: 'a', password: 'hush too' };
  const user = { domain: 'www.shop.test', server: 'root@old.test', app, mail, backups, playbooks: [] };
  const text = recoverableConfig(
    user,
    { name: 'shop.test', domains: ['shop.test'] },
    { php: '8.3', database: 'mariadb', environment: 'staging' },
  );
  expect(text).not.toContain('hush');
  const stored = parseStoredConfig(text, 'aa11');
  expect(secretsIn(stored.config)).toEqual(['shop.test.env.KEY', 'shop.test.mail']);
  const values = new Map([
    ['shop.test.env.KEY', 'hush "é'],
    ['shop.test.mail', 'hush too'],
  ]);
  expect(recoveredConfig(stored, values, () => './shop.test', '/mnt/new')).toEqual({
    name: 'shop.test',
    domain: 'www.shop.test',
    app: { source: './shop.test', env: { FOOBAR_ENV: 'staging', KEY: 'hush "é', secret: 'plain' } },
    mail: { host: 'relay.test', from: 'a@shop.test', user: 'a', password: 'hush too' },
    php: { version: '8.3' },
    database: { engine: 'mariadb' },
    backups: { to: '/mnt/new' },
  });
});

test('sites without a backup are left out', () => {
  const stored = parseStoredConfig(
    recoverableConfig({ sites: [{ domain: 'a.test' }, { domain: 'b.test' }], backups }, { name: 'two', domains: ['a.test', 'b.test'] }, {}),
    'aa11',
  );
  const recovered = recoveredConfig(stored, new Map(), (domain) => (domain === 'a.test' ? './a.test' : undefined), '/mnt/old');
  expect(recovered.sites).toEqual([{ domain: 'a.test', app: { source: './a.test' } }]);
});

test('a backup of an older version has no configuration', () => {
  expect(() => parseStoredConfig('', 'aa11')).toThrow('The backup aa11 has no configuration');
});
