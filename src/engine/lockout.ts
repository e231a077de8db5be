import type { Action } from './difference.ts';
import { type Effect, effectsOf, pathOf } from './effect.ts';
import type { Phase } from './phase.ts';

/** What decides whether a change may close SSH access. */
export interface AccessChange {
  readonly action: Action;
  readonly phase: Phase;
  readonly effects: readonly Effect[];
}

/** The seconds within which a new SSH login must succeed before the new access settings are reverted. */
export const defaultProofSeconds = 60;

/** Files that control logins: those of sshd, SSH keys, PAM, sudo, the firewall and the network. */
const files =
  /^\/etc\/(ssh|pam\.d|security|sudoers(\.d)?|nftables\.(conf|d)|ufw|firewalld|iptables|network|netplan|systemd\/network|hosts\.(allow|deny)|nsswitch\.conf|passwd|shadow|group)(\/|$)|\/\.ssh(\/|$)/;

/** Units that logins depend on, or that can block them. */
const units =
  /^(ssh|sshd|ssh@|sshd@|nftables|netfilter-persistent|iptables|ufw|firewalld|fail2ban|networking|NetworkManager|systemd-networkd|dropbear)[^/]*\.(service|socket)$/;

/** Returns whether a change may close SSH access. Only a login over a new connection proves that it did not. */
export function touchesAccess(change: AccessChange): boolean {
  // A new folder cannot close SSH access.
  if (change.phase === 'directories' && change.action === 'create') return false;
  const path = pathOf(change);
  return effectsOf(change, 'may-lock-out').length > 0 || (path !== undefined && files.test(path));
}

/** Returns whether a change or a handler of this unit may close SSH access. */
export function isAccessUnit(unit: string): boolean {
  return units.test(unit);
}

/** Returns whether anything in a plan may close SSH access. */
export function planTouchesAccess({
  changes,
  handlers,
}: {
  readonly changes: readonly AccessChange[];
  readonly handlers: readonly { readonly unit: string }[];
}): boolean {
  return changes.some(touchesAccess) || handlers.some(({ unit }) => isAccessUnit(unit));
}
