import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reveal, Secret } from '../../src/command/secret.ts';
import { Problem } from '../../src/error.ts';

const text = 'hunter2-Zq';
const secret = new Secret(text);

describe('a secret', () => {
  test.each<readonly [string, () => string]>([
    ['a template literal', () => `${secret}`],
    ['String', () => String(secret)],
    ['concatenation', () => `password: ${[secret].join(', ')}`],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspect', () => inspect({ secret }, { showHidden: true, depth: 9, getters: true })],
    ['inspect without the custom function', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['console formats', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
    ['its own properties', () => JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), { ...secret }])],
    ['an error that was created with it', () => inspect(new Error(`refused: ${secret}`, { cause: secret }))],
    ['a problem that carries it', () => inspect(new Problem({ message: `refused ${secret}`, cause: { secret } }), { depth: 9 })],
    ['a clone', () => inspect(structuredClone({ secret }), { showHidden: true })],
  ])('is not in %s', (_, print) => {
    expect(print()).not.toContain(text);
  });

  test('is returned by reveal', () => {
    expect(reveal(secret)).toBe(text);
  });
});
