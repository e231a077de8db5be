import { expect, test } from 'vitest';
import { poolEnvironment } from '../../playbooks/runtimes/php/environment.ts';
import { storedLine, storedProperties } from '../../playbooks/runtimes/stored.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';

const [site] = config().sites;
const [other] = config({ domain: 'other.com' }).sites;

const stored = { 'foobar.com': { version: '0123456789ab', names: ['B', 'A'] } };

test('units read the version that is stored, after the configuration, and nothing if there is none', () => {
  const path = '/etc/foobar-provision/instances/foobar.com/.stored/versions/0123456789ab';
  expect(storedLine(site, { ...trixie, stored })).toBe(`# Stored with \`foobar-provision env set\`.\nEnvironmentFile=${path}`);
  expect(storedProperties(site, { ...trixie, stored })).toEqual([`EnvironmentFile=${path}`]);
  expect(storedLine(other, { ...trixie, stored })).toBe('');
  expect(storedProperties(site, trixie)).toEqual([]);
});

test('a pool takes stored variables from its environment, in place of configured ones', () => {
  expect(poolEnvironment(site, undefined, { A: 'configured', C: 'c' }, ['A', 'B'])).toBe('env[C] = "c"\nenv[A] = $A\nenv[B] = $B');
});
