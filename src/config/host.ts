/** The parts of a host that are configured besides the sites, with their defaults. The owner may switch each of them off. */
export const hostParts = {
  /** A firewall (nftables) that allows SSH, HTTP and HTTPS. */
  firewall: true,
  /** sshd with current algorithms only, and without password logins once a login with a key has worked. */
  ssh: true,
  /** Automatic security updates. */
  upgrades: true,
  /** Size limits for logs, kernel settings, and time synchronization. */
  limits: true,
  /** Rejects passwords that are short or in a dictionary. */
  passwords: true,
  /** A daily report of changed system files, in the journal. */
  integrity: true,
  /** systemd confines Nginx, PHP and the database to what they need. */
  hardening: true,
};

type HostPart = keyof typeof hostParts;

/** Which parts of the host itself are configured. */
export type Host = { readonly [part in HostPart]: boolean };

/** Each part is on unless it is set to false. */
export type UserHost = { readonly [part in HostPart]?: boolean | undefined } & {
  /** The former name of `hardening`. */
  readonly sandbox?: boolean | undefined;
};

/** The meaning of `host: false`. */
export const noHost: UserHost = Object.fromEntries(Object.keys(hostParts).map((part) => [part, false]));

/** Returns which parts a configuration switches on. */
export function hostOf(host: false | UserHost = {}): Host {
  const { sandbox, ...parts } = host || noHost;
  const stated = Object.entries({ ...parts, hardening: parts.hardening ?? sandbox });
  return { ...hostParts, ...Object.fromEntries(stated.filter(([, value]) => value !== undefined)) };
}
