import { definePlaybook, directory, file, packages, service, template } from '../../src/index.ts';
import { daemonReload } from './systemd.ts';

/** Reports what has changed in the system's files: AIDE checks those that people and our runs write, daily, and debsums those of packages, weekly. */
export default definePlaybook({
  name: 'integrity',
  presence: () => ['aide-common'],

  resources: ({ config }, facts) => {
    // Debian's own timer for AIDE is left to the host's owner.
    if (!config.host.integrity || facts.packages['aide-common']?.installed) return [];
    return [
      ...packages('aide', 'debsums'),
      directory('/etc/aide'),
      file('/etc/aide/aide.conf', { content: template('host/aide.conf'), mode: '0600' }),
      file('/etc/default/debsums', { content: template('host/debsums') }),
      file('/usr/local/lib/foobar-provision/integrity', { content: template('host/integrity.sh'), mode: '0755' }),
      file('/etc/systemd/system/foobar-provision-integrity.service', { content: template('host/integrity.service'), notify: daemonReload }),
      file('/etc/systemd/system/foobar-provision-integrity.timer', { content: template('host/integrity.timer'), notify: daemonReload }),
      service('foobar-provision-integrity.timer', { running: true, enabled: true }),
    ];
  },
});
