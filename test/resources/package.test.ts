import { describe, expect, test } from 'vitest';
import type { Resource } from '../../src/engine/resource.ts';
import { Problem } from '../../src/error.ts';
import { packageKind, packages } from '../../src/resources/package.ts';
import { changes, gone, reading } from './table.ts';

const [nginx, php, ctype] = packages('nginx', 'php8.4-fpm', 'php8.4-ctype') as readonly [Resource, Resource, Resource];
const [pinned] = packages.from('sury', 'php8.5-fpm') as readonly [Resource];
const uris = [
  "'http://deb.debian.org/debian/pool/main/n/nginx/nginx-common_1.26.3-3%2bdeb13u1_all.deb' nginx-common_1.26.3-3+deb13u1_all.deb 111544 SHA256:aa",
  "'http://deb.debian.org/debian/pool/main/n/nginx/nginx_1%3a1.26.3-3%2bdeb13u1_amd64.deb' nginx_1%3a1.26.3-3+deb13u1_amd64.deb 600712 SHA256:bb",
].join('\n');

describe('package', () => {
  test.each([
    ['is installed', nginx, 'nginx\tinstalled\tinstall\t1.26.3-3\n', []],
    [
      'is missing',
      nginx,
      `nginx\tnot-installed\tunknown\t\n${uris}\n`,
      [
        {
          action: 'create',
          summary: 'install 1:1.26.3-3+deb13u1',
          as: 'install',
          stage: 'queue_install nginx',
          apply: 'dpkg-query -W nginx',
          effects: [{ kind: 'fetches', packages: 2, bytes: 712_256 }],
        },
      ],
    ],
    [
      'was removed, its configuration left',
      nginx,
      `nginx\tconfig-files\tdeinstall\t1.26.3-3\n${uris}\n`,
      [expect.objectContaining({ action: 'create' })],
    ],
    [
      'is half installed',
      nginx,
      `nginx\thalf-configured\tinstall\t1.26.3-3\n`,
      [expect.objectContaining({ action: 'create', summary: 'install' })],
    ],
    ['is held by its owner', nginx, 'nginx\tinstalled\thold\t1.26.3-3\n', []],
    ['is provided by another one', ctype, 'php8.4-ctype\tnot-installed\tunknown\t\nphp8.4-ctype\tprovided\tphp8.4-common\n', []],
    ['is to be removed and is provided by another one', gone(packageKind, 'php8.4-ctype'), 'php8.4-ctype\tprovided\tphp8.4-common\n', []],
    [
      'comes from a repository that is still to be added',
      pinned,
      '',
      [{ action: 'create', summary: 'install', as: 'install', stage: 'queue_install php8.5-fpm', apply: 'dpkg-query -W php8.5-fpm' }],
    ],
    [
      'is to be removed',
      gone(packageKind, 'nginx'),
      'nginx\tinstalled\tinstall\t1.26.3-3\n',
      [
        {
          action: 'remove',
          summary: 'purge 1.26.3-3, with the packages installed with it',
          as: 'purge',
          stage: 'queue_purge nginx',
          apply: "! dpkg-query -s nginx 2>/dev/null | grep -q '^Status:.* installed'",
        },
      ],
    ],
    ['has gone', gone(packageKind, 'nginx'), 'nginx\tconfig-files\tdeinstall\t1.26.3-3\n', []],
    [
      'an interrupted dpkg is finished by the run',
      nginx,
      'E: dpkg was interrupted, you must manually run ...\n',
      [expect.objectContaining({ action: 'create' })],
    ],
    ['apt warns', nginx, 'nginx\tinstalled\tinstall\t1.26.3-3\nW: Target Packages is configured multiple times\n', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(packageKind, resource, output)).toEqual(expected);
  });

  test.each([
    ['E: Unable to locate package nginxx\nE: Unable to locate package php9', 'does not know nginxx, php9'],
    ["E: Package 'mysql-server' has no installation candidate", 'does not know mysql-server'],
    ['E: Unable to correct problems, you have held broken packages.', 'refuses .* held broken packages'],
  ])('%j is reported before anything changes', (output, message) => {
    const compare = () => changes(packageKind, nginx, output);
    expect(compare).toThrow(Problem);
    expect(compare).toThrow(new RegExp(message));
  });

  test('a hold stays, and is reported', () => {
    expect(packageKind.remarks([nginx], 'nginx\tinstalled\thold\t1.26.3-3\n')).toEqual([
      'nginx is held (apt-mark hold) and stays so, so it gets no updates.',
    ]);
    expect(() =>
      changes(packageKind, nginx, 'E: Held packages were changed and -y was used without --allow-change-held-packages.'),
    ).toThrow(expect.objectContaining({ details: expect.objectContaining({ hint: expect.stringContaining('apt-mark showhold') }) }));
  });

  test.each(['', 'a', '-y', 'nginx; id', 'Nginx', 'nginx=1.0'])('%j cannot be a name', (name) => {
    expect(() => packages(name)).toThrow(TypeError);
  });

  test('one dpkg-query reads them all; apt is asked about missing ones, except those of a repository that is not added yet', () => {
    expect(reading(packageKind, nginx, php, pinned)).toMatchInlineSnapshot(`
      "known=$(dpkg-query -W -f '\${Package}	\${db:Status-Status}	\${db:Status-Want}	\${Version}
      ' nginx php8.4-fpm php8.5-fpm 2>/dev/null)
      [ ! -e /var/lib/foobar-provision/unsynced ] || known=$(printf '%s
      ' "$known" | awk -F '	' 'NR == FNR { lost[$1]; next } !($1 in lost)' /var/lib/foobar-provision/unsynced -)
      printf '%s
      ' "$known"
      [ ! -e /var/lib/foobar-provision/brought ] || printf '%s
      ' nginx php8.4-fpm php8.5-fpm | grep -xF -f /var/lib/foobar-provision/brought | sed 's/^/came	/'
      missing=$(missing_of "$known" nginx php8.4-fpm php8.5-fpm)
      provided=$(provided_of $missing)
      printf '%s
      ' "$provided"
      missing=$(missing_of "$known
      $provided" nginx php8.4-fpm)
      [ -z "$missing" ] || apt-get install --print-uris -y -qq --no-install-recommends --no-remove -o Dir::Cache::pkgcache="\${LISTS:+$LISTS/cache/pkgcache.bin}" -o Dir::Cache::srcpkgcache= \${LISTS:+-o Dir::State::lists="$LISTS"} $missing 2>&1"
    `);
  });
});
