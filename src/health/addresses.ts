import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Addresses that are not reachable from the Internet: RFC 1918, 6598 (carrier NAT), 3927, 4193, 4291 and loopback. */
const local = new BlockList();
local.addSubnet('10.0.0.0', 8);
local.addSubnet('172.16.0.0', 12);
local.addSubnet('192.168.0.0', 16);
local.addSubnet('100.64.0.0', 10);
local.addSubnet('169.254.0.0', 16);
local.addSubnet('127.0.0.0', 8);
local.addSubnet('fc00::', 7, 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');
local.addAddress('::1', 'ipv6');

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

export function isPrivate(address: string): boolean {
  return local.check(address, family(address));
}

/** Returns a test for whether an address is one of these, regardless of how IPv6 addresses are written. */
export function among(addresses: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const address of addresses.filter((text) => isIP(text) !== 0)) list.addAddress(address, family(address));
  return (address) => list.check(address, family(address));
}

export type RecordType = 'A' | 'AAAA';

/**
 * Returns the address that a record of each type should have: the one we connected to, because it is known to reach the host, or else one
 * of the host's own public ones. Behind NAT the host has only private addresses, so the connected one is used even if it is private.
 */
export function advertised(own: readonly string[], connected: string): Readonly<Partial<Record<RecordType, string>>> {
  const known = [connected, ...own].filter((text) => isIP(text) !== 0);
  const open = known.filter((address) => !isPrivate(address));
  const candidates = open.length > 0 ? open : known.slice(0, 1);
  const [v4, v6] = [candidates.find((address) => isIPv4(address)), candidates.find((address) => isIPv6(address))];
  return { ...(v4 === undefined ? {} : { A: v4 }), ...(v6 === undefined ? {} : { AAAA: v6 }) };
}
