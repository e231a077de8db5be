import { readFile } from 'node:fs/promises';

/** The real servers behind a resolver on loopback, where systemd-resolved keeps them. */
const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** Quad9, https://www.quad9.net/: for a machine whose only resolver is on its own loopback. */
const fallback = '9.9.9.9';

/** The IPv4 name servers of a resolv.conf text that are reachable from elsewhere than this machine's loopback. */
export function nameserversIn(text: string): readonly string[] {
  return [...text.matchAll(/^nameserver\s+([0-9.]+)\s*$/gm)].flatMap(([, address = '']) => (address.startsWith('127.') ? [] : [address]));
}

/** The name servers of this machine, as its hosts can use them. */
export async function nameservers(): Promise<readonly string[]> {
  for (const file of files) {
    const found = nameserversIn(await readFile(file, 'utf8').catch(() => ''));
    if (found.length > 0) return found;
  }
  return [fallback];
}
