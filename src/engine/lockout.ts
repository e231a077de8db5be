import type { Change, OwedHandler } from './plan.ts';

/** Seconds within which a new connection has to prove the way in, before what was changed is put back. */
export const usualWithin = 60;

/** Files that decide who gets in, and how: sshd's, keys, PAM's, sudo's, the firewall's and the network's. */
const files =
  /^\/etc\/(ssh|pam\.d|security|sudoers(\.d)?|nftables\.(conf|d)|ufw|firewalld|iptables|network|netplan|systemd\/network|hosts\.(allow|deny)|nsswitch\.conf|passwd|shadow|group)(\/|$)|\/\.ssh(\/|$)/;

/** Units without which nobody gets in, or with which someone may not. */
const units =
  /^(ssh|sshd|ssh@|sshd@|nftables|netfilter-persistent|iptables|ufw|firewalld|fail2ban|networking|NetworkManager|systemd-networkd|dropbear)[^/]*\.(service|socket)$/;

/** Whether a change, or a handler, may cut off the way in: only a login over a new connection shows that it did not. */
export function touchesAccess(item: Change | OwedHandler): boolean {
  if (!('resource' in item)) return units.test(item.unit);
  // A new folder closes nothing; packages come and go with what they need.
  if ((item.phase === 'directories' && item.action === 'create') || item.resource.startsWith('package:')) return false;
  const unit = item.resource.startsWith('service:') ? item.resource.slice('service:'.length) : '';
  return item.access === true || (item.path !== undefined && files.test(item.path)) || units.test(unit);
}
