import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { firewallOf, sshOf, unknownLogin } from '../../src/facts/ssh.ts';

// These tests create keys, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const listening = `LISTEN 0      128      0.0.0.0:2222   0.0.0.0:* users:(("sshd",pid=53,fd=6))
LISTEN 0      128         [::]:2222      [::]:* users:(("sshd",pid=53,fd=7))`;

describe('the ports on which a host accepts SSH', () => {
  test.each([
    ['sshd listens', `${listening}\nActiveState=inactive\nListen=[::]:22 (Stream)\nConnection=192.0.2.1 50000 192.0.2.7 2222`, [2222]],
    ['systemd listens for it', 'ActiveState=active\nListen=0.0.0.0:22 (Stream) [::]:22 (Stream)\nConnection=', [22]],
    ['both do', `${listening}\nActiveState=active\nListen=[::]:22 (Stream)\nConnection=`, [22, 2222]],
    ['neither can be asked', 'ActiveState=inactive\nListen=\nConnection=192.0.2.1 50000 192.0.2.7 22022', [22022]],
    ['nothing is known', 'ActiveState=inactive\nListen=\nConnection=', []],
  ])('if %s', (_, text, ports) => {
    expect(sshOf(text, '', unknownLogin).ports).toEqual(ports);
  });
});

describe('the host’s keys', () => {
  test.each([1024, 2048, 3072])('RSA of %i bits', (modulusLength) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    const jwk = publicKey.export({ format: 'jwk' });
    const fields = [
      Buffer.from('ssh-rsa'),
      Buffer.from(jwk.e ?? '', 'base64url'),
      Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.n ?? '', 'base64url')]),
    ];
    const blob = Buffer.concat(fields.flatMap((field) => [sized(field.length), field]));
    expect(sshOf('', `ssh-rsa ${blob.toString('base64')} root@web\n`, unknownLogin).hostKeys).toEqual({ 'ssh-rsa': modulusLength });
  });

  test('keys of one size, and lines that are not keys', () => {
    const text = 'ssh-ed25519 AAAA root@web\necdsa-sha2-nistp384 AAAA root@web\n\nnonsense\n';
    expect(sshOf('', text, unknownLogin).hostKeys).toEqual({ 'ssh-ed25519': 256, 'ecdsa-sha2-nistp384': 384 });
  });

  test('a damaged key has no bits, and nothing is read past its end', () => {
    expect(sshOf('', 'ssh-rsa AAAAB3Nz root@web', unknownLogin).hostKeys).toEqual({ 'ssh-rsa': 0 });
  });
});

function sized(length: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(length);
  return field;
}

describe('the firewall of the host', () => {
  test.each([
    ['', undefined],
    ['ours\nrules in the table inet foobar_provision', undefined],
    ['rules in the table inet foobar_provision', undefined],
    ['rules in the table inet f2b-table', undefined],
    ['ufw', 'ufw'],
    ['docker.service\nrules in the table ip filter', 'docker.service'],
    ['rules of iptables', 'rules of iptables'],
    // Once the firewall is ours, it stays so if another one is installed later.
    ['ours\ndocker.service', undefined],
  ])('%j', (text, expected) => {
    expect(firewallOf(text)).toBe(expected);
  });
});

describe('the host’s own AuthorizedKeysFile', () => {
  const drop = '/etc/ssh/sshd_config.d';
  test.each<[string, string | undefined]>([
    ['', undefined],
    ['/etc/ssh/sshd_config:AuthorizedKeysFile .ssh/authorized_keys /srv/%u', '.ssh/authorized_keys /srv/%u'],
    [`${drop}/50-a.conf:  authorizedkeysfile=none\n/etc/ssh/sshd_config:AuthorizedKeysFile /b`, 'none'],
    [`${drop}/50-a.conf:Match User x\n${drop}/50-a.conf:AuthorizedKeysFile /a\n/etc/ssh/sshd_config:AuthorizedKeysFile /b`, '/b'],
    [`${drop}/00-foobar-provision-keys.conf:AuthorizedKeysFile /a /etc/ssh/authorized_keys.d/foobar-provision.%u`, undefined],
  ])('in %j', (text, expected) => {
    expect(sshOf(text, '', unknownLogin).keyFiles).toBe(expected);
  });
});
