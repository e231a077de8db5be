import { definePlaybook, directory, type Facts, file, packages, restart, service, template } from '../../src/index.ts';

const shm = '/etc/systemd/system/foobar-provision-shm.service';
const clocks = ['chrony', 'ntp', 'ntpsec', 'openntpd'];

/**
 * Limits for the system: logs that do not fill the disk, shared memory that does not execute programs, a kernel that accepts and reveals
 * only what it needs to, and time synchronization.
 */
export default definePlaybook({
  name: 'limits',
  presence: () => clocks,

  resources: ({ config }, facts) => {
    if (!config.host.limits) return [];
    const issue = { content: template('host/issue') };
    return [
      ...packages('logrotate'),
      directory('/etc/systemd/journald.conf.d'),
      file('/etc/systemd/journald.conf.d/90-foobar-provision.conf', {
        content: template('host/journald.conf'),
        notify: restart('systemd-journald'),
      }),
      file('/etc/sysctl.d/90-foobar-provision.conf', { content: sysctl(facts), notify: restart('systemd-sysctl') }),
      directory('/etc/modprobe.d'),
      file('/etc/modprobe.d/90-foobar-provision.conf', {
        content: template('host/modprobe.conf', { udf: facts.azure ? '' : 'install udf /bin/false' }),
      }),
      file('/etc/security/limits.d/90-foobar-provision.conf', { content: template('host/core.conf') }),
      directory('/etc/systemd/coredump.conf.d'),
      file('/etc/systemd/coredump.conf.d/90-foobar-provision.conf', { content: template('host/coredump.conf') }),
      file('/etc/profile.d/90-foobar-provision.sh', { content: template('host/profile.sh') }),
      file(shm, { content: template('host/shm.service') }),
      service('foobar-provision-shm', { running: true, enabled: true }),
      file('/etc/issue', issue),
      file('/etc/issue.net', issue),
      ...clock(facts),
    ];
  },
});

/** Returns the kernel settings. A container shares its host's kernel, and may only set those of its own network. */
function sysctl({ container, ipv6, policyRouting }: Facts): string {
  return template('host/sysctl.conf', {
    // Strict filtering drops packets that arrive through a tunnel or a second uplink (RFC 3704, 2.4).
    reversePath: policyRouting ? 2 : 1,
    filter: policyRouting ? ' (loose, because this host has tunnels, or several routes)' : '',
    kernel: container ? '' : template('host/sysctl-kernel.conf').trimEnd(),
    ipv6: ipv6 ? template('host/sysctl-ipv6.conf').trimEnd() : '',
  });
}

/** Returns time synchronization, unless the host is a container, which uses its host's clock, or already has it. */
function clock(facts: Facts) {
  if (facts.container || clocks.some((name) => facts.packages[name]?.installed)) return [];
  return [...packages('systemd-timesyncd'), service('systemd-timesyncd', { running: true, enabled: true })];
}
