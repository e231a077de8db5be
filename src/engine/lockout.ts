import type { Change, Plan } from './plan.ts';

/** Seconds within which a new connection has to prove the way in, before what was changed is put back. */
export const usualWithin = 60;

/** Files that decide who gets in, and how: sshd's, keys, PAM's, sudo's, the firewall's and the network's. */
const files =
  /^\/etc\/(ssh|pam\.d|security|sudoers(\.d)?|nftables\.(conf|d)|ufw|firewalld|iptables|network|netplan|systemd\/network|hosts\.(allow|deny)|nsswitch\.conf|passwd|shadow|group)(\/|$)|\/\.ssh(\/|$)/;

/** Units without which nobody gets in, or with which someone may not. */
const units =
  /^(ssh|sshd|ssh@|sshd@|nftables|netfilter-persistent|iptables|ufw|firewalld|fail2ban|networking|NetworkManager|systemd-networkd|dropbear)[^/]*\.(service|socket)$/;

/** Whether a change may cut off the way in: only a login over a new connection shows that it did not. */
export function touchesAccess(change: Change): boolean {
  // A new folder closes nothing; packages come and go with what they need.
  if ((change.phase === 'directories' && change.action === 'create') || change.resource.startsWith('package:')) return false;
  const unit = change.resource.startsWith('service:') ? change.resource.slice('service:'.length) : '';
  return change.access === true || (change.path !== undefined && files.test(change.path)) || isAccessUnit(unit);
}

/** The same of a handler of this unit, and of what starts or stops it. */
export function isAccessUnit(unit: string): boolean {
  return units.test(unit);
}

/** Whether anything in a plan may. */
export function planTouchesAccess({ changes, handlers }: Plan): boolean {
  return changes.some(touchesAccess) || handlers.some(({ unit }) => isAccessUnit(unit));
}
