import { describe, expect, it } from 'vitest';
import { targetOf } from '../../src/cli/target.ts';
import { Problem } from '../../src/error.ts';

const commands = ['apply', 'plan', 'verify', 'deploy', 'sandbox'];
const nobody = async () => false;

describe('targetOf', () => {
  it.each([
    [[], undefined],
    [['root@203.0.113.5'], 'root@203.0.113.5'],
    [['[2001:db8::1]:2222'], '[2001:db8::1]:2222'],
    // A name that resembles no command may be known only in the local network.
    [['web'], 'web'],
    // These resemble a command, but have the form of a host.
    [['root@verfy'], 'root@verfy'],
    [['plan.example.com'], 'plan.example.com'],
  ])('%j is %j', async (typed, target) => {
    expect(await targetOf(typed, { commands }, nobody)).toBe(target);
  });

  it('accepts a host of ssh_config whose name resembles a command', async () => {
    expect(await targetOf(['verfy'], { commands }, async (name) => name === 'verfy')).toBe('verfy');
  });

  it.each([
    [['verfy'], 'Unknown host "verfy".', 'foobar-provision verify'],
    [['plann', 'root@web'], 'Unknown host "plann".', 'foobar-provision plan root@web'],
    [['plan', 'root@web'], '"plan" is a command, and commands come before options.', 'foobar-provision plan root@web'],
    [['one', 'two'], '"one" is not a command, and more than one host was named: one, two.', 'apply, plan, verify'],
    [['http://web'], '"http://web" does not name a host.', 'user@host:port'],
  ])('%j is refused before any connection', async (typed, message, hint) => {
    const problem = await targetOf(typed, { commands }, nobody).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ message, exit: 1 });
    expect(problem instanceof Problem && problem.details.hint).toContain(hint);
  });
});
