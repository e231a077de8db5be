import { definePlaybook, type Facts, file, packages, service, template } from '../../src/index.ts';

/** Security updates install themselves every day, and what still runs old code after one starts anew. */
export default definePlaybook({
  name: 'upgrades',

  resources: ({ config }, facts) =>
    config.host.upgrades
      ? [
          ...packages('unattended-upgrades', 'needrestart'),
          file('/etc/apt/apt.conf.d/90-foobar-provision', { content: template('host/upgrades.conf', { origin: origin(facts) }) }),
          file('/etc/needrestart/conf.d/90-foobar-provision.conf', { content: template('host/needrestart.conf') }),
          // It holds back a shutdown in the middle of an update. Its package does not stop it when it goes.
          service('unattended-upgrades', { running: true, enabled: true }),
        ]
      : [],
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
/**
 * Where a release's security updates come from, as unattended-upgrades names it. Debian's sid has no such place: there all of it is new.
 */
function origin({ distribution, version }: Facts): string {
  if (distribution === 'ubuntu') return 'origin=Ubuntu,archive=${distro_codename}-security';
  return version === 'sid' ? 'origin=Debian,codename=sid' : 'origin=Debian,codename=${distro_codename}-security,label=Debian-Security';
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
