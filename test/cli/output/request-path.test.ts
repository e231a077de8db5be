import './plain.ts';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/output/layout.ts';
import { requestPathLines } from '../../../src/cli/output/request-path.ts';
import type { Hop } from '../../../src/health/check.ts';

const hop = (name: string, ms: number, more: Partial<Hop> = {}): Hop => ({ hop: name, ok: true, ms, detail: '200', ...more });
const path = [
  hop('dns', 1),
  hop('tcp', 2),
  hop('tls', 12),
  hop('nginx', 46),
  hop('php-fpm', 21),
  hop('mysql', 26, { detail: 'MariaDB 11.8.9 as foobar_com@localhost' }),
  hop('app', 62),
  hop('visitor', 70),
];

describe('requestPathLines', () => {
  it.each([
    [
      100,
      [
        '  browser ──────→ DNS  ──────→ TCP  ──────→ TLS   ──────→ nginx ──────→ PHP-FPM ──────→ MariaDB',
        '                  1 ms         2 ms         12 ms         46 ms         21 ms           26 ms',
      ],
    ],
    [
      80,
      [
        '  browser ──→ DNS  ──→ TCP  ──→ TLS   ──→ nginx ──→ PHP-FPM ──→ MariaDB',
        '              1 ms     2 ms     12 ms     46 ms     21 ms       26 ms',
      ],
    ],
    [
      60,
      [
        '  browser ─→ DNS  ─→ TCP  ─→ TLS   ─→ nginx ─→ PHP-FPM ─',
        '             1 ms    2 ms    12 ms    46 ms    21 ms',
        '→ MariaDB',
        '  26 ms',
      ],
    ],
  ])('fits into %i columns', (width, lines) => {
    expect(requestPathLines(path, width)).toEqual(lines);
    expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
  });

  it('says which hop failed', () => {
    const [names, times] = requestPathLines([hop('tcp', 2), hop('nginx', 3), hop('php-fpm', 9, { ok: false })], 80);
    expect(names).toContain('PHP-FPM');
    expect(times).toMatch(/3 ms {2,}failed$/);
  });

  it('draws a path for each of several sites, with what they share', () => {
    const sites = [hop('tcp', 2), ...['one.example', 'two.example'].map((site) => hop('nginx', 5, { site }))];
    const lines = requestPathLines(sites, 80);
    expect(lines.filter((_, index) => index % 3 === 0)).toEqual(['one.example', 'two.example']);
    expect(lines).toHaveLength(6);
  });

  it('draws nothing for more sites than anybody would read, or for a single hop', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].flatMap((site) => [hop('nginx', 5, { site }), hop('php-fpm', 5, { site })]);
    expect(requestPathLines(many, 80)).toEqual([]);
    expect(requestPathLines([hop('tcp', 1), hop('app', 2)], 80)).toEqual([]);
  });
});
