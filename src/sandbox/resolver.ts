import { readFile } from 'node:fs/promises';

/** The usual file, and the one in which systemd-resolved names the servers behind its resolver on loopback. */
const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** Quad9, https://www.quad9.net/. Used when this machine has no IPv4 resolver except on its loopback. */
const fallback = '9.9.9.9';

/** Returns the IPv4 name servers of a resolv.conf text that are not on this machine's loopback. */
export function nameserversIn(text: string): readonly string[] {
  return [...text.matchAll(/^nameserver\s+([0-9.]+)\s*$/gm)].flatMap(([, address = '']) => (address.startsWith('127.') ? [] : [address]));
}

/** Returns the name servers of this machine that its hosts can use. */
export async function nameservers(): Promise<readonly string[]> {
  for (const file of files) {
    const servers = nameserversIn(await readFile(file, 'utf8').catch(() => ''));
    if (servers.length > 0) return servers;
  }
  return [fallback];
}
