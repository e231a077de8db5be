import { expect, test } from 'vitest';
import { aptRepository, repositoryKind } from '../../src/resources/repository.ts';
import { changes, gone, reading } from './table.ts';

const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
const sources = 'Types: deb\nURIs: https://packages.example/php\nSuites: trixie\nComponents: main\nSigned-By: /etc/apt/keyrings/sury.asc\n';
const sury = aptRepository('sury', { uris: 'https://packages.example/php', suites: 'trixie', components: 'main', key });
const changed = {
  summary: 'https://packages.example/php',
  as: 'repository',
  stage: `add_repository sury '${sources}' '${key}'`,
  apply: 'test -s /etc/apt/sources.list.d/sury.sources',
  undo: 'restore_repository sury',
};
// What somebody has created there meanwhile stays.
const made = { ...changed, stage: `is_free /etc/apt/sources.list.d/sury.sources && ${changed.stage}` };

test.each([
  ['is there', sury, `name\tsury\n${sources}key\n${key}`, []],
  ['is missing', sury, 'name\tsury\nkey\n', [{ action: 'create', ...made }]],
  ['is missing, the last of what was read', sury, 'name\tsury\nkey', [{ action: 'create', ...made }]],
  ['has another address', sury, `name\tsury\n${sources.replace('example', 'test')}key\n${key}`, [{ action: 'update', ...changed }]],
  ['trusts another key', sury, `name\tsury\n${sources}key\nmQI=\n`, [{ action: 'update', ...changed }]],
  ['has lost its key', sury, `name\tsury\n${sources}key\n`, [{ action: 'update', ...changed }]],
  [
    'is to be removed',
    gone(repositoryKind, 'sury'),
    `name\tsury\n${sources}key\n${key}`,
    [
      {
        action: 'remove',
        summary: 'remove',
        as: 'repository',
        stage: 'remove_repository sury',
        apply: ':',
        undo: 'restore_repository sury',
      },
    ],
  ],
  ['has gone', gone(repositoryKind, 'sury'), 'name\tsury\nkey\n', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(repositoryKind, resource, output)).toEqual(expected);
});

test('reading', () => {
  expect(reading(repositoryKind, sury)).toMatchInlineSnapshot(`
    "for name in sury; do printf 'name	%s
    ' "$name"; cat "/etc/apt/sources.list.d/$name.sources" 2>/dev/null; printf 'key
    '; cat "/etc/apt/keyrings/$name.asc" 2>/dev/null; done"
  `);
});

test.each(['', 'A', 'a/b', '../x'])('%j cannot be a name', (name) => {
  expect(() => aptRepository(name, { uris: '', suites: '', components: '', key: '' })).toThrow(TypeError);
});
