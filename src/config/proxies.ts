import { BlockList, isIP, isIPv6 } from 'node:net';
import { cloudflare } from './cloudflare.ts';

/** Returns the addresses and networks of proxies; `cloudflare` is replaced by Cloudflare's networks. */
export function proxiesOf(named: readonly string[]): readonly string[] {
  return [...new Set(named.flatMap((name) => (name === 'cloudflare' ? cloudflare.addresses : [name.toLowerCase()])))];
}

/**
 * Returns whether a text names proxies that can be trusted: `cloudflare`, an IP address or a network, but not a network of all addresses.
 */
export function isProxy(text: string): boolean {
  if (text === 'cloudflare' || isIP(text) !== 0) return true;
  const [, address = '', length = ''] = /^([0-9A-Fa-f.:]+)\/([1-9]\d{0,2})$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(length) <= (isIPv6(address) ? 128 : 32);
}

/** Returns whether an address is one of these, or in one of these networks. */
export function isAmongProxies(address: string, proxies: readonly string[]): boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [network = '', length] = proxy.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (length === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(length), family);
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
