import { type Facts, type Site, template, versionOf } from '../../src/index.ts';
import { tlsOf } from '../host/paths.ts';
import { ownersAddresses, ownersDefault } from './existing.ts';

/** What the host's nginx and OpenSSL can do, told by the versions of their packages. */
export function abilitiesOf(facts: Facts) {
  const nginx = (least: string) => atLeast(versionOf(facts, 'nginx'), least);
  return {
    /** `http2 on;`, before it a word of `listen`. */
    http2Directive: nginx('1.25.1'),
    /** Debian builds it in from here on. */
    http3: nginx('1.26.0'),
    /** `ssl_reject_handshake`. */
    reject: nginx('1.19.4'),
    /** The curve that a quantum computer does not break came with OpenSSL 3.5. */
    hybrid: atLeast(versionOf(facts, 'openssl'), '3.5.0'),
  };
}

/** Whether a package's version is at least this one; yes where it is not known, since hosts are newer rather than older. */
function atLeast(version: string | undefined, least: string): boolean {
  const [, ...have] = /^(?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (have.length === 0) return true;
  const [one = 0, two = 0, three = 0] = least.split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = have.map((part) => Number(part ?? 0));
  return major !== one ? major > one : minor !== two ? minor > two : patch >= three;
}

/** All addresses of a port, in both families where the host has both. */
export function socketsOn(port: number, { ipv6 }: Pick<Facts, 'ipv6'>): readonly string[] {
  return [`${port}`, ...(ipv6 ? [`[::]:${port}`] : [])];
}

function listenAt(sockets: readonly string[], flags: string): readonly string[] {
  return sockets.map((socket) => `    listen ${socket}${flags};`);
}

/** The `listen` lines of a port. */
export function listenOn(port: number, facts: Facts): string {
  return listenAt([...socketsOn(port, facts), ...ownersAddresses(port, facts)], '').join('\n');
}

/** The same for the server of all other names. Each socket has one, or nginx starts no more; one that the host's owner has set up stays. */
export function listenByDefault(port: number, facts: Facts): string {
  return listenAt(
    socketsOn(port, facts).filter((socket) => !ownersDefault(socket, facts)),
    ' default_server',
  ).join('\n');
}

/** Port 443, by TCP and, where nginx can, by QUIC. Only one server of an address may say how its sockets are made: the default one. */
export function listenTls(facts: Facts, isDefault = false): string {
  const { http2Directive, http3 } = abilitiesOf(facts);
  const flag = isDefault ? ' default_server' : '';
  const free = (quic: boolean) => socketsOn(443, facts).filter((socket) => !isDefault || !ownersDefault(socket, facts, quic));
  const tcp = isDefault ? free(false) : [...free(false), ...ownersAddresses(443, facts)];
  return [
    ...listenAt(tcp, ` ssl${http2Directive ? '' : ' http2'}${flag}`),
    ...(http3 ? listenAt(free(true), ` quic${isDefault ? ' reuseport' : ''}${flag}`) : []),
  ].join('\n');
}

/** The guideline's own file, which every server of the host that follows it includes. */
export function guideline(name: Site['https']['guideline'], facts: Facts): string {
  const curves = 'X25519:prime256v1:secp384r1';
  return template(`web/tls-${name}.conf`, { curves: abilitiesOf(facts).hybrid ? `X25519MLKEM768:${curves}` : curves });
}

/** The site's certificate, and what goes with it. */
export function tlsSnippet(site: Site, facts: Facts): string {
  const { http2Directive, http3 } = abilitiesOf(facts);
  return template('web/tls.conf', {
    domain: site.domain,
    ...certificateFiles(site),
    guideline: site.https.guideline,
    http2: http2Directive ? 'http2 on;' : '',
    http3: http3 ? `add_header Alt-Svc 'h3=":443"; ma=86400' always;` : '',
  });
}

function certificateFiles(site: Site): { readonly certificate: string; readonly key: string } {
  const tls = tlsOf(site);
  switch (site.https.certificate.kind) {
    case 'own':
      return { certificate: tls.ownChain, key: tls.ownKey };
    case 'self-signed':
      return { certificate: `${tls.self}/fullchain.pem`, key: `${tls.self}/privkey.pem` };
    default:
      return { certificate: `${tls.now}/fullchain.pem`, key: `${tls.now}/privkey.pem` };
  }
}
