import { command, definePlaybook, type Facts, file, packages, service, sh, symlink, template } from '../src/index.ts';
import { sizesOf } from './sizes.ts';

/** What every host has: its time zone, its locale, swap where memory is short, and the packages that the user wants. */
export default definePlaybook({
  name: 'base',

  resources: ({ config }, facts) => {
    const swap = facts.container ? 0 : (config.swap ?? sizesOf(facts).swap);
    return [
      ...packages('tzdata', ...config.packages),
      symlink('/etc/localtime', { to: `/usr/share/zoneinfo/${config.timezone}` }),
      file('/etc/timezone', { content: config.timezone }),
      file(localeFile(facts), { content: `LANG=${config.locale}` }),
      ...(swap === 0
        ? []
        : [
            file('/etc/systemd/system/swapfile.swap', { content: template('base/swapfile.swap') }),
            command('swapfile', {
              run: sh`fallocate -l ${swap}M /swapfile && chmod 0600 /swapfile && mkswap /swapfile && systemctl daemon-reload`,
              unless: sh`test -s /swapfile`,
              undo: sh`swapoff /swapfile 2>/dev/null; rm -f /swapfile`,
            }),
            service('swapfile.swap', { running: true, enabled: true }),
          ]),
    ];
  },
});

/** Debian 13 keeps the locale where systemd looks for it, and links the old place there. */
function localeFile({ distribution, version }: Facts): string {
  return distribution === 'debian' && version !== '12' ? '/etc/locale.conf' : '/etc/default/locale';
}
