import { expect, test } from 'vitest';
import { databaseOf } from '../../playbooks/database/engine.ts';
import { environmentOf } from '../../playbooks/runtimes/environment.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';

const variables = { WP_SITEURL: '{site}/wp', LICENSE: '{application}/storage/key', SERVER: '{DB_HOST}', FIXED: 'production' };

test.each([
  ['HTTP', {}, 'http'],
  ['HTTPS', { https: { certificate: { kind: 'self-signed' } } }, 'https'],
] as const)(
  'the settings of an application over %s have its address and its folder, and nothing of a database that it does not have',
  (_, given, scheme) => {
    const [site] = config(given).sites;
    const environment = (database?: ReturnType<typeof databaseOf>) =>
      Object.fromEntries(environmentOf({ ...site, app: { ...site.app, variables } }, database, {}));
    const known = { WP_SITEURL: `${scheme}://www.foobar.com/wp`, LICENSE: '/srv/www/foobar.com/current/storage/key', FIXED: 'production' };
    expect(environment()).toEqual(known);
    expect(environment(databaseOf(site, trixie))).toMatchObject({ ...known, SERVER: 'localhost' });
  },
);
