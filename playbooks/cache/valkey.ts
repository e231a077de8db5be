import { definePlaybook, file, packages, service, sh, template, versionOf } from '../../src/index.ts';
import { userOf } from '../host/paths.ts';
import { restartAnew } from '../host/systemd.ts';
import { valkeyCheck } from './health.ts';
import { cacheOf } from './socket.ts';

/**
 * A site's cache: its own Valkey, with its own user, and a socket that only the site can reach. Distributions without Valkey have Redis.
 */
export default definePlaybook({
  name: 'cache',
  roles: ['web'],
  packages: ({ site }) => (site.cache ? [['valkey-server', 'redis-server']] : []),

  resources: ({ site, config }, facts) => {
    if (!site.cache) return [];
    const name = versionOf(facts, 'valkey-server') === undefined ? 'redis-server' : 'valkey-server';
    const { unit, folder, socket } = cacheOf(site);
    const { memory } = site.cache;
    const hardening = template('cache/hardening.conf', { name, binary: name.replace('server', 'check-rdb') });
    return [
      ...packages(name),
      service(name, { running: false, enabled: false, broughtBy: name }),
      file(`/etc/systemd/system/${unit}`, {
        content: template('cache/valkey.service', {
          ...{ domain: site.domain, user: userOf(site), name, folder, socket, memory },
          most: Math.ceil(memory * 1.5) + 32,
          hardening: config.host.hardening ? `\n${hardening.trimEnd()}` : '',
        }),
        notify: restartAnew(unit),
        exclusive: true,
      }),
      service(unit, { running: true, enabled: true }),
    ];
  },

  health: ({ site }) => {
    if (!site.cache) return [];
    const { unit, socket } = cacheOf(site);
    return [valkeyCheck({ socket, log: sh`journalctl --no-pager -o cat -n 10 -u ${unit}` })];
  },
});
