import { command, definePlaybook, directory, file, packages, sh, template } from '../../src/index.ts';

const before = '# foobar-provision: ';

/**
 * Rules for passwords that people choose on the host, for sudo or a console: neither short nor in a dictionary, and with a slow hash. Root
 * may still set any.
 */
export default definePlaybook({
  name: 'passwords',

  resources: ({ config }) => {
    if (!config.host.passwords) return [];
    return [
      // Without its dictionary, it would reject every password.
      ...packages('libpam-pwquality', 'cracklib-runtime'),
      directory('/etc/security/pwquality.conf.d'),
      file('/etc/security/pwquality.conf.d/90-foobar-provision.conf', { content: template('host/pwquality.conf') }),
      // Debian uses yescrypt. A tool that uses SHA-512 reads its rounds from this file, which has no drop-in folder.
      command('password-rounds', {
        run: sh`printf '%s\n' ${`${before}hashing a password with SHA takes about 50 ms, also for an attacker.`} 'SHA_CRYPT_MIN_ROUNDS 65536' 'SHA_CRYPT_MAX_ROUNDS 131072' | cat /etc/login.defs - | rewrite_synced /etc/login.defs`,
        unless: sh`grep -Eq '^[[:space:]]*SHA_CRYPT_M(IN|AX)_ROUNDS[[:space:]]' /etc/login.defs`,
        undo: sh`sed -e ${`/^${before}/,+2d`} /etc/login.defs | rewrite_synced /etc/login.defs`,
      }),
    ];
  },
});
