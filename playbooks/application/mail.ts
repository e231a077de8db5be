import {
  definePlaybook,
  directory,
  type Facts,
  file,
  type Mail,
  mailSecret,
  packages,
  type Scope,
  type Site,
  secret,
  secretPlace,
  template,
} from '../../src/index.ts';
import { pathsOf, userOf } from '../host/paths.ts';

/** Debian's packages of mail programs, of which a host has at most one. */
const mailPrograms = [
  'msmtp-mta',
  'exim4-base',
  'postfix',
  'nullmailer',
  'dma',
  'opensmtpd',
  'sendmail-bin',
  'ssmtp',
  'esmtp-run',
  'citadel-server',
];

/** The mail of a site: PHP, workers and scheduled commands send it through the site's own relay, with its own password. */
export default definePlaybook({
  name: 'mail',
  roles: ['web'],
  presence: () => mailPrograms,

  resources: ({ site }) =>
    site.mail
      ? [
          ...packages('msmtp-mta', 'ca-certificates'),
          ...(site.mail.login ? [secret(mailSecret(site), { value: site.mail.login.password })] : []),
          directory(pathsOf(site).settings, { exclusive: true }),
          directory(`${pathsOf(site).settings}/msmtp`),
          // The file where msmtp looks for its user's settings. It requires that a file with a password belongs to that user.
          file(`${pathsOf(site).settings}/msmtp/config`, {
            content: template('application/msmtprc', valuesOf(site, site.mail)),
            owner: userOf(site),
            group: userOf(site),
            mode: '0400',
            exclusive: true,
            ...(site.mail.login && { secrets: [mailSecret(site)] }),
          }),
        ]
      : [],

  remarks: ({ site, config }: Scope, facts: Facts) => {
    const isThere = mailPrograms.some((name) => facts.packages[name]?.installed !== undefined || config.packages.includes(name));
    return site.mail || isThere || !site.app.source.recognized.sendsMail
      ? []
      : [
          `${site.domain} sends mail with mail(), which fails on this host: no mail program is installed. Set mail: { host, user, password, from } to a relay, or have the application send by SMTP itself.`,
        ];
  },
});

function valuesOf({ domain }: Site, { host, port, from, login, encryption }: Mail): Record<string, string | number> {
  const tls = `tls on\ntls_starttls ${encryption === 'starttls' ? 'on' : 'off'}`;
  return {
    domain,
    host,
    port,
    from,
    encryption: encryption === 'none' ? 'tls off' : tls,
    // Without encryption, msmtp sends a password only if the method is named.
    login: login
      ? `auth ${encryption === 'none' ? 'plain' : 'on'}\nuser "${login.user}"\npassword "${secretPlace(mailSecret({ domain }))}"`
      : 'auth off',
  };
}
