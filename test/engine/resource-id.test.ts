import { expect, test } from 'vitest';
import { isSame, nameOf, parseName } from '../../src/engine/resource-id.ts';

test.each([
  ['file:/etc/a b:c', { kind: 'file', id: '/etc/a b:c' }],
  ['mysql-user:shop', { kind: 'mysql-user', id: 'shop' }],
])('%s is the name of exactly one resource', (name, resource) => {
  expect(parseName(name)).toEqual(resource);
  expect(nameOf(resource)).toBe(name);
  expect([isSame(parseName(name), resource), isSame({ ...resource, kind: 'other' }, resource)]).toEqual([true, false]);
});
