import { expect, test } from 'vitest';
import { mirrorsIn, sourceLines } from '../../src/sandbox/sources.ts';

const debian = { main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };

test.each([
  ['nothing', '', debian],
  ['other vendors only', 'deb [signed-by=/k.gpg] https://deb.example.com/node_20.x nodistro main', debian],
  [
    'one-line sources',
    'deb http://ftp.example.org/debian/ bookworm main\ndeb [arch=amd64] https://sec.example.org/debian-security bookworm-security main',
    { main: 'http://ftp.example.org/debian', security: 'https://sec.example.org/debian-security' },
  ],
  [
    'deb822',
    'Types: deb\nURIs: http://a.example/debian/ http://b.example/debian\nSuites: trixie',
    { ...debian, main: 'http://a.example/debian' },
  ],
  ['a comment', '# deb http://old.example/debian bookworm main', debian],
  ['another distribution', 'deb http://archive.ubuntu.com/ubuntu noble main', debian],
])('mirrors of %s', (_, text, mirrors) => {
  expect(mirrorsIn(text)).toEqual(mirrors);
});

test.each([
  ['trixie', ['debian trixie main', 'debian trixie-updates main', 'debian-security trixie-security main']],
  ['bookworm', ['debian bookworm main', 'debian bookworm-updates main', 'debian-security bookworm-security main']],
  ['sid', ['debian sid main']],
] as const)('sources of %s', (suite, lines) => {
  expect(sourceLines(suite, debian)).toEqual(lines.map((line) => `deb http://deb.debian.org/${line}`));
});
