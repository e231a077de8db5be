import {
  aboutOf,
  command,
  definePlaybook,
  type Facts,
  file,
  isSameDemand,
  packages,
  type Resource,
  service,
  sh,
  shellLibrary,
  symlink,
  template,
} from '../../src/index.ts';
import { swapOf } from './sizes.ts';

/**
 * The base of every host: swap if memory is small, the packages that the user lists, and the time zone and the locale if the user sets
 * them.
 */
export default definePlaybook({
  name: 'base',
  // A host always has a time zone and a locale. Without these keys they stay as they are, and earlier versions set both without being asked.
  forgets: [
    { kind: 'symlink', id: '/etc/localtime' },
    { kind: 'package', id: 'locales' },
    ...['/etc/timezone', '/etc/locale.conf', '/etc/default/locale'].map((id) => ({ kind: 'file', id })),
  ],

  resources: ({ config }, facts) => {
    const { timezone, locale, ...decided } = aboutOf(config, facts.others);
    const swap = facts.container ? 0 : (decided.swap ?? swapOf(facts));
    return [
      ...packages('tzdata', ...config.packages),
      ...(timezone === undefined
        ? []
        : [symlink('/etc/localtime', { to: `/usr/share/zoneinfo/${timezone}` }), file('/etc/timezone', { content: timezone })]),
      ...(locale === undefined ? [] : [...compiled(locale), file(localeFile(facts), { content: `LANG=${locale}` })]),
      ...(swap === 0
        ? []
        : [
            file('/etc/systemd/system/swapfile.swap', { content: template('host/swapfile.swap') }),
            command('swapfile', {
              run: sh`make_swap ${swap} && systemctl daemon-reload`,
              // An incomplete swap file has no signature, or is readable by others.
              unless: sh`[ "$(stat -c '%a %u' /swapfile)" = '600 0' ] && blkid -p -t TYPE=swap /swapfile`,
              undo: sh`swapoff /swapfile 2>/dev/null; rm -f /swapfile /swapfile.new`,
              shell: [shellLibrary('swap', template('host/swap.sh'))],
            }),
            service('swapfile.swap', { running: true, enabled: true }),
          ]),
    ];
  },

  remarks: ({ config }, facts) => {
    const { timezone, locale, shared } = aboutOf(config, facts.others);
    const alone = aboutOf(config);
    const others = facts.others ?? [];
    const first = others.find(({ decides }) => decides);
    const differs = timezone !== alone.timezone || locale !== alone.locale;
    return [
      ...(first && differs
        ? [
            `The configuration ${first.name} was on this host first, so it decides the host-wide settings: time zone ${timezone ?? 'as it is'}, locale ${locale ?? 'as it is'}.`,
          ]
        : []),
      ...others.flatMap((other) =>
        isSameDemand(other.shared, shared)
          ? []
          : [
              `The configuration ${other.name} was last applied when this host had other sites: run it again, so that its share of the memory is right.`,
            ],
      ),
    ];
  },
});

/** Makes a locale usable: the C library includes those called `C`, and the others are compiled on the host. */
function compiled(locale: string): readonly Resource[] {
  if (/^(C|POSIX)(\.|$)/.test(locale)) return [];
  const [, charset = 'ISO-8859-1'] = /\.([^@]+)/.exec(locale) ?? [];
  const listed = locale.toLowerCase().replaceAll('-', '');
  const line = `${locale} ${charset}`;
  return [
    ...packages('locales'),
    command(`locale-${locale}`, {
      unless: sh`locale -a 2>/dev/null | tr -d - | grep -qixF ${listed}`,
      run: sh`grep -qxF ${line} /etc/locale.gen || { cat /etc/locale.gen; printf '%s\\n' ${line}; } | rewrite_synced /etc/locale.gen; locale-gen && locale -a | tr -d - | grep -qixF ${listed}`,
    }),
  ];
}

/** Returns the locale's file: Debian 13 has it where systemd looks for it, and a link at the old path. */
function localeFile({ distribution, version }: Facts): string {
  return distribution === 'debian' && version !== '12' ? '/etc/locale.conf' : '/etc/default/locale';
}
