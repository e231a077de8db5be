import { effectsOf, pathOf } from './effect.ts';
import type { Change, Plan } from './plan.ts';

/** Seconds within which a new connection has to prove the way in, before what was changed is put back. */
export const defaultProofSeconds = 60;

/** Files that decide who gets in, and how: sshd's, keys, PAM's, sudo's, the firewall's and the network's. */
const files =
  /^\/etc\/(ssh|pam\.d|security|sudoers(\.d)?|nftables\.(conf|d)|ufw|firewalld|iptables|network|netplan|systemd\/network|hosts\.(allow|deny)|nsswitch\.conf|passwd|shadow|group)(\/|$)|\/\.ssh(\/|$)/;

/** Units without which nobody gets in, or with which someone may not. */
const units =
  /^(ssh|sshd|ssh@|sshd@|nftables|netfilter-persistent|iptables|ufw|firewalld|fail2ban|networking|NetworkManager|systemd-networkd|dropbear)[^/]*\.(service|socket)$/;

/** Whether a change may cut off the way in: only a login over a new connection shows that it did not. */
export function touchesAccess(change: Change): boolean {
  // A new folder closes nothing.
  if (change.phase === 'directories' && change.action === 'create') return false;
  const path = pathOf(change);
  return effectsOf(change, 'may-lock-out').length > 0 || (path !== undefined && files.test(path));
}

/** Whether a handler of this unit, or a change of the unit itself, may. */
export function isAccessUnit(unit: string): boolean {
  return units.test(unit);
}

/** Whether anything in a plan may. */
export function planTouchesAccess({ changes, handlers }: Plan): boolean {
  return changes.some(touchesAccess) || handlers.some(({ unit }) => isAccessUnit(unit));
}
