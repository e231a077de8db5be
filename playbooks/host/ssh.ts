import { type Checker, definePlaybook, type Facts, file, reload, sh, template } from '../../src/index.ts';

/** sshd rejects its configuration without this folder, which its unit removes when it stops. */
export const checker: Checker = { name: 'sshd -t', roots: ['/etc/ssh'], command: sh`mkdir -p /run/sshd && sshd -t` };

/** Configures OpenSSH with current algorithms only, and without password logins if we logged in with a key. */
export default definePlaybook({
  name: 'ssh',
  presence: () => ['openssh-server'],

  resources: ({ config }, facts) => {
    const version = versionOf(facts);
    if (!config.host.ssh || version === undefined) return [];
    const { by } = facts.ssh.login;
    const content = template('host/sshd.conf', {
      kex: keyExchanges(version).join(','),
      hostKeys: hostKeys(facts),
      // Available since OpenSSH 9.1 (release notes); Ubuntu 22.04 ships 8.9.
      rsaSize: version >= 901 ? 'RequiredRSASize 2048' : '',
      passwords: by === 'key' ? '# The last run logged in with a key.\nPasswordAuthentication no\nKbdInteractiveAuthentication no' : '',
      root: by === 'key' ? 'PermitRootLogin prohibit-password' : '',
    });
    return [file('/etc/ssh/sshd_config.d/10-foobar-provision.conf', { content, notify: reload('ssh', checker) })];
  },

  remarks: ({ config }, facts) => {
    const { login, restricted } = facts.ssh;
    if (!config.host.ssh || versionOf(facts) === undefined || restricted) return [];
    const passwords = login.by === 'key' ? ', and nobody with a password' : '';
    return [
      `From this run on, SSH accepts only clients that know current algorithms, such as OpenSSH 6.5 or later${passwords}. host: { ssh: false } leaves sshd as it is.`,
    ];
  },
});

/** Returns the OpenSSH version as a number, 902 for `1:9.2p1-2+deb12u7`, or undefined if the host runs another SSH server. */
export function versionOf({ packages }: Facts): number | undefined {
  const [, major, minor] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(packages['openssh-server']?.installed ?? '') ?? [];
  return major === undefined ? undefined : Number(major) * 100 + Number(minor);
}

/**
 * Returns the key exchanges. Hybrid algorithms that resist quantum computers come first: OpenSSH has sntrup761x25519 since 8.5, and its plain
 * name and mlkem768x25519 since 9.9 (release notes).
 */
function keyExchanges(version: number): readonly string[] {
  return [
    ...(version >= 909 ? ['mlkem768x25519-sha256', 'sntrup761x25519-sha512'] : []),
    'sntrup761x25519-sha512@openssh.com',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group16-sha512',
  ];
}

/** Returns the host's strong keys, and the key that we know it by, without which the next connection would not trust the host. */
function hostKeys({ ssh: { hostKeys: bits, login } }: Facts): string {
  const strong = Object.entries(bits).flatMap(([type, size]) =>
    type === 'ssh-ed25519' || (type === 'ssh-rsa' && size >= 3072) || type === login.hostKey ? [type] : [],
  );
  if (strong.length === 0) return '';
  const order = ['ssh-ed25519', 'ssh-rsa'];
  const sorted = [...strong].sort((one, other) => order.indexOf(one) - order.indexOf(other)).reverse();
  return [
    ...sorted.map((type) => `HostKey /etc/ssh/ssh_host_${type.replace(/^ssh-/, '').replace(/^ecdsa-.*/, 'ecdsa')}_key`),
    `HostKeyAlgorithms ${sorted.map((type) => (type === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : type)).join(',')}`,
  ].join('\n');
}
