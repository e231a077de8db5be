import { expect, test } from 'vitest';
import { checkHostKey } from '../../src/transport/host-key.ts';
import type { HostKeyOptions } from '../../src/transport/options.ts';
import { parseSettings } from '../../src/transport/ssh-config.ts';
import { parseTarget } from '../../src/transport/target.ts';

const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');

/** The setting in ssh_config, the option, the person's answer, and whether a new key is accepted. */
const rows: [config: string, accept: HostKeyOptions['accept'], answer: boolean | undefined, taken: boolean][] = [
  ['ask', 'new', undefined, true],
  ['ask', 'known', true, false],
  ['ask', 'ask', undefined, false],
  ['ask', 'ask', true, true],
  ['ask', 'ask', false, false],
  ['yes', 'ask', true, false],
  ['yes', 'new', undefined, true],
  ['accept-new', 'known', undefined, true],
  ['no', 'ask', false, true],
];

test.each(rows)('StrictHostKeyChecking %s, accepting %s, answered %s: %s', async (config, accept, answer, taken) => {
  const settings = parseSettings(parseTarget('web'), `stricthostkeychecking ${config}`);
  const options: HostKeyOptions = { accept, ask: answer === undefined ? undefined : async () => answer };
  const check = checkHostKey(key, settings, { entries: [] }, options);
  if (taken) await expect(check).resolves.toBeUndefined();
  else await expect(check).rejects.toMatchObject({ exit: 4, message: expect.stringContaining('SHA256:') });
});

test('an alias is the name under which a key is known, whatever the port', async () => {
  const settings = parseSettings(parseTarget('web:2222'), 'hostkeyalias cluster');
  const entry = { file: 'kh', line: 1, patterns: 'cluster', type: 'ssh-ed25519', key };
  await expect(checkHostKey(key, settings, { entries: [entry] }, { accept: 'known' })).resolves.toBeUndefined();
});

test('a key that cannot be recorded is a problem', async () => {
  const settings = parseSettings(parseTarget('web'), '');
  const check = checkHostKey(key, settings, { entries: [], record: '/proc/no/such/file' }, { accept: 'new' });
  await expect(check).rejects.toMatchObject({ exit: 4, message: expect.stringContaining('/proc/no/such/file') });
});
