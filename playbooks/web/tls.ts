import { type Facts, type Site, template, versionOf } from '../../src/index.ts';
import { tlsOf } from '../host/paths.ts';
import { isTakenByAddresses, ownersAddresses, ownersDefault } from './existing.ts';

/** Returns what the host's nginx and OpenSSL support, by their package versions. */
export function abilitiesOf(facts: Facts) {
  const nginx = (least: string) => atLeast(versionOf(facts, 'nginx'), least);
  return {
    /** `http2 on;`, formerly a flag of `listen`. */
    http2Directive: nginx('1.25.1'),
    /** Debian includes it from this version on. */
    http3: nginx('1.26.0'),
    /** `ssl_reject_handshake`. */
    reject: nginx('1.19.4'),
    /** The curve that resists quantum computers came with OpenSSL 3.5. */
    hybrid: atLeast(versionOf(facts, 'openssl'), '3.5.0'),
  };
}

/** Returns whether a package's version is at least this one; true if it is unknown, because most hosts are newer. */
function atLeast(version: string | undefined, least: string): boolean {
  const [, ...have] = /^(?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (have.length === 0) return true;
  const [one = 0, two = 0, three = 0] = least.split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = have.map((part) => Number(part ?? 0));
  return major !== one ? major > one : minor !== two ? minor > two : patch >= three;
}

/** Returns the sockets of a port for all addresses, in both families if the host has both. */
export function socketsOn(port: number, { ipv6 }: Pick<Facts, 'ipv6'>): readonly string[] {
  return [`${port}`, ...(ipv6 ? [`[::]:${port}`] : [])];
}

function listenAt(sockets: readonly string[], flags: string): readonly string[] {
  return sockets.map((socket) => `    listen ${socket}${flags};`);
}

/** Returns the sockets of a port at which nginx can listen without a restart. */
function freeSocketsOn(port: number, facts: Facts): readonly string[] {
  return socketsOn(port, facts).filter((socket) => !isTakenByAddresses(socket, facts));
}

/** Returns the `listen` lines of a port. */
export function listenOn(port: number, facts: Facts): string {
  return listenAt([...freeSocketsOn(port, facts), ...ownersAddresses(port, facts)], '').join('\n');
}

/**
 * Returns the `listen` lines for the server of all other names. Each socket may have only one such server; one of the host's owner stays.
 */
export function listenByDefault(port: number, facts: Facts): string {
  return listenAt(
    freeSocketsOn(port, facts).filter((socket) => !ownersDefault(socket, facts)),
    ' default_server',
  ).join('\n');
}

/**
 * Returns the `listen` lines of port 443, over TCP and, if nginx supports it, over QUIC. Only the default server of an address may set its
 * socket options.
 */
export function listenTls(facts: Facts, isDefault = false): string {
  const { http2Directive, http3 } = abilitiesOf(facts);
  const flag = isDefault ? ' default_server' : '';
  const free = (quic: boolean) => socketsOn(443, facts).filter((socket) => !isDefault || !ownersDefault(socket, facts, quic));
  const all = free(false).filter((socket) => !isTakenByAddresses(socket, facts));
  const tcp = isDefault ? all : [...all, ...ownersAddresses(443, facts)];
  return [
    ...listenAt(tcp, ` ssl${http2Directive ? '' : ' http2'}${flag}`),
    ...(http3 ? listenAt(free(true), ` quic${isDefault ? ' reuseport' : ''}${flag}`) : []),
  ].join('\n');
}

/** Returns the guideline's file, which every server that follows it includes. */
export function guideline(name: Site['https']['guideline'], facts: Facts): string {
  const curves = 'X25519:prime256v1:secp384r1';
  return template(`web/tls-${name}.conf`, { curves: abilitiesOf(facts).hybrid ? `X25519MLKEM768:${curves}` : curves });
}

/** Returns the snippet with the site's certificate and its TLS settings. */
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
