import { expect, test } from 'vitest';
import { fleetCertificate, fleetCertificateKind } from '../../src/resources/fleet-certificate.ts';
import { changes, gone, reading } from './table.ts';

const authority = fleetCertificate('fleet.authority', { purpose: 'authority' });
const server = fleetCertificate('fleet.database', { purpose: 'server' });
const client = fleetCertificate('fleet.client-a', { purpose: 'client' });

test.each([
  ['there', server, 'fleet.authority\nfleet.database\n', []],
  [
    'a CA that is missing',
    authority,
    '',
    [
      {
        action: 'create',
        summary: 'create a CA, whose key stays here',
        apply: 'sign_fleet_certificate fleet.authority authority',
        undo: 'restore_fleet_certificate fleet.authority authority',
      },
    ],
  ],
  [
    'one that is missing, invalid, or of another CA',
    client,
    'fleet.authority\nfleet.database\n',
    [
      {
        action: 'create',
        summary: 'issue, for a server that connects to this one',
        apply: 'sign_fleet_certificate fleet.client-a client',
        undo: 'restore_fleet_certificate fleet.client-a client',
      },
    ],
  ],
  [
    'to be removed',
    gone(fleetCertificateKind, 'fleet.client-a'),
    'fleet.client-a\n',
    [expect.objectContaining({ action: 'remove', phase: 'removal', apply: 'remove_fleet_certificate fleet.client-a' })],
  ],
  ['gone', gone(fleetCertificateKind, 'fleet.client-a'), 'fleet.authority\n', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(fleetCertificateKind, resource, output)).toEqual(expected);
});

test('each is read with its purpose, and one to be removed only for whether it exists', () => {
  expect(reading(fleetCertificateKind, authority, server, gone(fleetCertificateKind, 'fleet.client-a'))).toBe(
    'read_fleet_certificates fleet.authority authority fleet.database server fleet.client-a none',
  );
});

test('a name that is no file is refused', () => {
  expect(() => fleetCertificate('../x', { purpose: 'client' })).toThrow(TypeError);
});
