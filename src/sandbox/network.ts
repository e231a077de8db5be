import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { firewallRules, type Rule } from './rules.ts';
import { prefix, type Slot } from './slot.ts';
import { attempt, system } from './system.ts';

/**
 * Gives the host a network namespace with one Ethernet link to this machine and a way out through it. It is complete
 * before the host boots, as a rented server's is, and it outlives a restart that the host does itself.
 */
export async function connect(slot: Slot): Promise<void> {
  const { device, namespace, gateway, address } = slot;
  const ip = (...words: readonly string[]) => system('make a network for the host', ['ip', ...words]);
  await ip('netns', 'add', namespace);
  await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  await ip('address', 'add', `${gateway}/${prefix}`, 'dev', device);
  await ip('link', 'set', device, 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip('-n', namespace, 'address', 'add', `${address}/${prefix}`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', namespace, 'route', 'add', 'default', 'via', gateway);
  await raise('/proc/sys/net/ipv4/ip_forward', 1);
  for (const rule of firewallRules(slot, await forwardChain())) await system('let the host reach the network', iptables(rule, '-I'));
}

/** Pulls the cable: what is sent to the host or by it is lost from here on, and neither side is told. */
export async function unplug(slot: Slot): Promise<void> {
  await attempt(['ip', '-n', slot.namespace, 'link', 'set', 'eth0', 'down']);
}

/** Removes exactly what `connect` made; what is not there is no failure. */
export async function disconnect(slot: Slot): Promise<void> {
  for (const rule of firewallRules(slot, 'guarded')) {
    const { code } = await attempt(iptables(rule, '-C'));
    if (code === 0) await system('remove the rules of the host', iptables(rule, '-D'));
  }
  // The kernel removes a namespace's links some time after the namespace; this one is gone when the command ends.
  if (existsSync(`/sys/class/net/${slot.device}`)) await system('remove the link of the host', ['ip', 'link', 'delete', slot.device]);
  if (existsSync(`/run/netns/${slot.namespace}`)) await system('remove the network of the host', ['ip', 'netns', 'delete', slot.namespace]);
}

function iptables(rule: Rule, action: '-I' | '-C' | '-D'): readonly string[] {
  return ['iptables', '--wait', '--table', rule.table, action, rule.chain, ...rule.words];
}

async function forwardChain(): Promise<'open' | 'guarded'> {
  const rules = await system('read the firewall of this machine', ['iptables', '--wait', '-S', 'FORWARD']);
  return rules.trim() === '-P FORWARD ACCEPT' ? 'open' : 'guarded';
}

/** Raises a kernel setting that is lower; a higher one is somebody's choice. */
export async function raise(setting: string, least: number): Promise<void> {
  if (Number(await readFile(setting, 'utf8')) < least) await writeFile(setting, String(least));
}
