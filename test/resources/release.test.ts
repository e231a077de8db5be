import { describe, expect, test } from 'vitest';
import { release, releaseKind } from '../../src/resources/release.ts';
import { changes, reading } from './table.ts';

describe('release', () => {
  const path = '/srv/www/foobar.com/releases/0123456789ab';
  const whole = release(path, {
    digest: '0123456789abcdef',
    shared: '/srv/www/foobar.com/shared',
    links: ['var/my uploads', '.env'],
    user: 'web',
  });

  test.each([
    ['is there', whole, `${path}\n`, []],
    ['another is there', whole, `${path}0\n`, [expect.objectContaining({ action: 'create' })]],
    [
      'is missing',
      whole,
      '',
      [
        {
          action: 'create',
          summary: 'fill with the files that were sent',
          apply: `fill_release ${path} 0123456789abcdef /srv/www/foobar.com/shared web 'var/my uploads' .env`,
          undo: `set_release_aside ${path}`,
        },
      ],
    ],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(releaseKind, resource, output)).toEqual(expected);
  });

  test('the shell itself reads them', () => {
    expect(reading(releaseKind, whole)).toBe(`for path in ${path}; do [ ! -d "$path" ] || printf '%s\n' "$path"; done`);
  });

  test('an older one is the way back, so none is ever removed by name', () => {
    expect(releaseKind.absent).toBeUndefined();
  });

  test.each([[['var', 'var/cache']], [['../x']], [['']], [['a/']]])('%j cannot be shared', (links) => {
    expect(() => release(path, { digest: 'a', shared: '/srv/shared', links, user: 'web' })).toThrow(TypeError);
  });
});
