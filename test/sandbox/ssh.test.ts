import { expect, test } from 'vitest';
import { hostsFile } from '../../src/sandbox/seed.ts';
import { sshArguments } from '../../src/sandbox/ssh.ts';

test('ssh uses only this key and trusts only this file', () => {
  const words = sshArguments({ address: '198.18.0.2', port: 22, user: 'root', identity: '/s/id', knownHosts: '/s/known' }).join(' ');
  expect(words).toMatch(/^-F \/dev\/null -i \/s\/id -p 22 .* root@198\.18\.0\.2$/);
  expect(words).toContain('-o UserKnownHostsFile=/s/known');
  expect(words).toContain('-o StrictHostKeyChecking=yes');
});

test('a host knows its own name', () => {
  expect(hostsFile('box-1')).toContain('127.0.1.1\tbox-1\n');
});
