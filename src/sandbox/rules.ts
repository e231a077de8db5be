import { range, type Slot } from './slot.ts';

export interface Rule {
  readonly table: 'nat' | 'filter';
  readonly chain: string;
  readonly words: readonly string[];
}

/**
 * Returns the firewall rules for one host. Other hosts see its own address; everybody else sees this machine's. If Docker or a firewall filters
 * forwarded packets, the rules accept the host's own traffic and the answers to it.
 */
export function firewallRules({ address }: Slot, forward: 'open' | 'guarded'): readonly Rule[] {
  const masquerade: Rule = { table: 'nat', chain: 'POSTROUTING', words: ['-s', `${address}/32`, '!', '-d', range, '-j', 'MASQUERADE'] };
  if (forward === 'open') return [masquerade];
  const answers = ['-d', `${address}/32`, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'];
  return [
    masquerade,
    { table: 'filter', chain: 'FORWARD', words: ['-s', `${address}/32`, '-j', 'ACCEPT'] },
    { table: 'filter', chain: 'FORWARD', words: answers },
  ];
}
