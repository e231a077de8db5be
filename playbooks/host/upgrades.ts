import { definePlaybook, type Facts, file, packages, service, template } from '../../src/index.ts';

/** Installs security updates daily, and restarts what still runs old code afterwards. */
export default definePlaybook({
  name: 'upgrades',

  resources: ({ config }, facts) =>
    config.host.upgrades
      ? [
          ...packages('unattended-upgrades', 'needrestart'),
          file('/etc/apt/apt.conf.d/90-foobar-provision', { content: template('host/upgrades.conf', { origin: origin(facts) }) }),
          file('/etc/needrestart/conf.d/90-foobar-provision.conf', { content: template('host/needrestart.conf') }),
          // It delays a shutdown during an update. Its package does not stop it when the package is removed.
          service('unattended-upgrades', { running: true, enabled: true }),
        ]
      : [],
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
/** Returns the origin of a release's security updates, in unattended-upgrades' notation. Debian's sid has no separate archive for them. */
function origin({ distribution, version }: Facts): string {
  if (distribution === 'ubuntu') return 'origin=Ubuntu,archive=${distro_codename}-security';
  return version === 'sid' ? 'origin=Debian,codename=sid' : 'origin=Debian,codename=${distro_codename}-security,label=Debian-Security';
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
