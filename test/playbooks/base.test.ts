import { describe, expect, test } from 'vitest';
import base from '../../playbooks/host/base.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const swap = ['file:/etc/systemd/system/swapfile.swap 0644', 'command:swapfile', 'service:swapfile.swap running enabled'];

describe('base', () => {
  test.each([
    ['a new host, whose time zone and locale stay as they are', trixie, ['package:tzdata']],
    ['little memory', { ...trixie, memory: 512 }, ['package:tzdata', ...swap]],
    ['little memory in a container, which does not control swap', { ...trixie, memory: 512, container: true }, ['package:tzdata']],
  ])('%s', (_, facts, expected) => {
    expect(list(base, config(), facts)).toEqual(expected);
  });

  test.each([
    ['trixie', trixie, '/etc/locale.conf'],
    ['bookworm', bookworm, '/etc/default/locale'],
    ['sid', sid, '/etc/locale.conf'],
    ['Ubuntu 24.04', ubuntu, '/etc/default/locale'],
  ])('the named locale, in the file where %s keeps it', (_, facts, path) => {
    expect(list(base, { ...config(), locale: 'C.UTF-8' }, facts)).toEqual(['package:tzdata', `file:${path} 0644`]);
  });

  test("the user's settings take precedence", () => {
    const own = { ...config(), timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8', packages: ['htop', 'git'], swap: 256 };
    expect(list(base, own, trixie)).toEqual([
      'package:tzdata',
      'package:htop',
      'package:git',
      'symlink:/etc/localtime -> /usr/share/zoneinfo/Europe/Berlin',
      'file:/etc/timezone 0644',
      'package:locales',
      'command:locale-de_DE.UTF-8',
      'file:/etc/locale.conf 0644',
      ...swap,
    ]);
    expect(contentOf(base, own, trixie, '/etc/timezone')).toBe('Europe/Berlin\n');
    expect(contentOf(base, own, trixie, '/etc/locale.conf')).toBe('LANG=de_DE.UTF-8\n');
    expect(list(base, { ...own, swap: 0 }, { ...trixie, memory: 512 })).not.toContain(swap[1]);
  });

  test('the swap file has the requested size', () => {
    const [made] = base.resources(scopeOf({ ...config(), swap: 256 }), trixie).filter(({ id }) => id === 'swapfile');
    expect(made?.attributes).toMatchObject({
      run: { text: 'make_swap 256 && systemctl daemon-reload' },
      unless: { text: `[ "$(stat -c '%a %u' /swapfile)" = '600 0' ] && blkid -p -t TYPE=swap /swapfile` },
    });
  });
});
