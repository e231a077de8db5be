import { expect, test } from 'vitest';
import { filesNamed } from '../../../src/runtimes/detected.ts';
import { sendingRules, usualBuild } from '../../../src/runtimes/node/dependencies.ts';

const of = (files: Readonly<Record<string, string>>) => filesNamed(Object.keys(files), (path) => files[path] ?? '');
const manifest = (content: object) => ({ 'package.json': JSON.stringify(content) });
const sent = ['!/node_modules/', '/node_modules/.cache/', '/.next/cache/'];

test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
  ['without a package.json', { 'server.js': '' }, []],
  ['without a lock file', manifest({ dependencies: { a: '1' } }), sent],
  ['with a lock file that is no JSON', { ...manifest({}), 'package-lock.json': '{' }, sent],
  [
    'with packages for development, and packages inside of those',
    {
      ...manifest({}),
      'package-lock.json': JSON.stringify({
        packages: {
          '': {},
          'node_modules/a': {},
          'node_modules/a/node_modules/only-dev': { dev: true },
          'node_modules/@types/a': { dev: true },
          'node_modules/linter': { dev: true },
          'node_modules/linter/node_modules/deep': { dev: true },
          'node_modules/both': { devOptional: true },
        },
      }),
    },
    [...sent, '/node_modules/a/node_modules/only-dev/', '/node_modules/@types/a/', '/node_modules/linter/'],
  ],
  ['whose build contains its dependencies', { ...manifest({ dependencies: { nuxt: '3' } }), '.output/server/index.mjs': '' }, []],
])('what is sent of an application %s', (_, files, expected) => {
  expect(sendingRules(of(files))).toEqual(expected);
});

test.each<readonly [string, Readonly<Record<string, string>>, readonly string[] | undefined]>([
  ['without a package.json', { 'server.js': '' }, undefined],
  ['without dependencies', manifest({ devDependencies: { a: '1' }, scripts: { build: 'x' } }), undefined],
  ['without a lock file', manifest({ dependencies: { a: '1' } }), ['npm install --no-package-lock --omit=dev']],
  ['with a lock file', { ...manifest({ dependencies: { a: '1' } }), 'package-lock.json': '{}' }, ['npm ci --omit=dev']],
  [
    'with a build, which may need what is for development',
    { ...manifest({ dependencies: { a: '1' }, scripts: { build: 'tsc' } }), 'npm-shrinkwrap.json': '{}' },
    ['npm ci', 'npm run build'],
  ],
  ['whose build contains its dependencies', { ...manifest({ dependencies: { nuxt: '3' } }), '.output/server/index.mjs': '' }, undefined],
])('how an application is built %s', (_, files, expected) => {
  expect(usualBuild(of(files))?.commands).toEqual(expected);
});
