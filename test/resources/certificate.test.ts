import { expect, test } from 'vitest';
import { turnOf } from '../../src/engine/change-step.ts';
import { certificate, certificateKind } from '../../src/resources/certificate.ts';
import { trixie } from '../playbooks/hosts.ts';
import { gone } from './table.ts';

const directory = 'https://ca.example/dir';
const wanted = certificate('x.test', { names: ['www.x.test', 'x.test'], directory });
const state = (has: string, may: string, names: string, reason = '', from = directory) =>
  `x.test\t${has}\t${from}\t${may}\t${names}\t${reason}\n`;
const [ask, wait] = ['foobar-provision-certificate ask x.test', 'foobar-provision-certificate wait x.test'];

test.each([
  ['never requested, DNS unknown', wanted, '', undefined, ['create', ask]],
  ['never requested, its names point to this host', wanted, '', ['www.x.test'], ['create', ask]],
  ['never requested, its names point elsewhere', wanted, '', ['x.test'], ['create', wait]],
  ['there', wanted, state('yes', 'yes', 'x.test www.x.test'), ['www.x.test', 'x.test'], undefined],
  ['issued, whatever DNS says now', wanted, state('yes', 'yes', 'x.test www.x.test'), [], undefined],
  ['pending, and just requested', wanted, state('no', 'no', '-', 'refused'), ['www.x.test', 'x.test'], undefined],
  ['pending, and a pause has passed', wanted, state('no', 'yes', '-', 'refused'), ['www.x.test'], ['run', ask]],
  ['pending, and its name points elsewhere', wanted, state('no', 'yes', '-'), ['x.test'], undefined],
  ['without an alias that does not point to this host', wanted, state('yes', 'yes', 'www.x.test'), ['www.x.test'], undefined],
  ['without an alias that points to this host by now', wanted, state('yes', 'yes', 'www.x.test'), ['www.x.test', 'x.test'], ['run', ask]],
  ['of another CA', wanted, state('yes', 'yes', 'www.x.test x.test', '', 'https://old.example/dir'), ['www.x.test'], ['run', ask]],
  ['to be removed', gone(certificateKind, 'x.test'), state('yes', 'yes', 'www.x.test'), undefined, ['remove', 'forget_certificate x.test']],
  ['gone', gone(certificateKind, 'x.test'), '', undefined, undefined],
] as const)('%s', (_, resource, output, pointingNames, expected) => {
  const facts = pointingNames === undefined ? trixie : { ...trixie, pointingNames };
  const found = certificateKind.compare([resource], output, facts).get('x.test') ?? [];
  expect(found.map(({ action, step }) => [action, turnOf(step).text])).toEqual(expected === undefined ? [] : [expected]);
});

test('a pending certificate is reported with the message of the CA', () => {
  expect(certificateKind.remarks([wanted], state('no', 'no', '-', 'no such host'))).toEqual([
    'The certificate of x.test is pending: no such host',
  ]);
  expect(certificateKind.remarks([wanted], state('yes', 'no', 'www.x.test', 'left out: x.test'))).toEqual([
    'The certificate of x.test is not for all of its names: left out: x.test',
  ]);
  expect(certificateKind.remarks([wanted], state('yes', 'no', 'www.x.test x.test'))).toEqual([]);
});

test('an invalid domain is rejected', () => {
  expect(() => certificate('../x', { names: [], directory })).toThrow('is not a valid domain');
});
