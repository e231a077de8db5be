import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { firewallRules, type Rule } from './rules.ts';
import { prefix, type Slot } from './slot.ts';
import { attempt, system } from './system.ts';

/**
 * Gives the host a network namespace with one Ethernet link to this machine, and routes its traffic through it. The network is
 * complete before the host boots, as a rented server's is, and survives a reboot of the host.
 */
export async function connect(slot: Slot): Promise<void> {
  const { device, namespace, gateway, address } = slot;
  const ip = (...words: readonly string[]) => system('create a network for the host', ['ip', ...words]);
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

/** Disables the host's link: from now on, packets to and from the host are lost without an error on either side. */
export async function unplug(slot: Slot): Promise<void> {
  await attempt(['ip', '-n', slot.namespace, 'link', 'set', 'eth0', 'down']);
}

/** Removes exactly what `connect` created, and ignores what does not exist. */
export async function disconnect(slot: Slot): Promise<void> {
  for (const rule of firewallRules(slot, 'guarded')) {
    const { code } = await attempt(iptables(rule, '-C'));
    if (code === 0) await system('remove the rules of the host', iptables(rule, '-D'));
  }
  // The kernel removes a namespace's links some time after the namespace; this command waits until the link is removed.
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

/** Raises a kernel setting to at least this value. A higher one is somebody's choice. */
export async function raise(setting: string, minimum: number): Promise<void> {
  if (Number(await readFile(setting, 'utf8')) < minimum) await writeFile(setting, String(minimum));
}
