import { describe, expect, it } from 'vitest';
import { judgeHost } from '../../../src/operations/doctor/host.ts';

const system = {
  release: 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"',
  host: 'x86_64\n2\nweb',
  memory: 'MemTotal:        2014572 kB',
  traits: 'ipv6\nsystemd',
  addresses: '2: eth0    inet 203.0.113.5/24 brd 203.0.113.255 scope global eth0',
  space: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 40000000 3000000 36000000 8% /',
  installed: '',
  candidates: 'nginx:\n  Candidate: 1.26.3-3\nphp-fpm:\n  Candidate: 2:8.4+96\nmariadb-server:\n  Candidate: 1:11.8.6-0+deb13u1',
};
const rest = {
  installer: '',
  unfinished: '',
  held: '',
  port80: '',
  port443: '',
  inodes: '',
  run: '',
  failed: '',
  manifests: '',
  clock: '1000000',
};

/** Returns the script's output on a good host, with these sections replaced. */
function printed(facts: Partial<typeof system> = {}, more: Partial<typeof rest> = {}): string {
  const text = (mark: string, sections: object) =>
    Object.entries(sections)
      .map(([name, body]) => `\n#${mark} ${name}\n${body}\n`)
      .join('');
  return text('facts', { ...system, ...facts }) + text('doctor', { ...rest, ...more });
}

const asked = { from: 999_900, to: 1_000_100 };
const required = ['nginx', 'php-fpm', ['mysql-server', 'mariadb-server']];

describe('judgeHost', () => {
  it('finds nothing wrong with a good host', () => {
    expect(judgeHost(printed(), asked, required).found).toEqual([
      { name: 'system', state: 'ok', detail: 'Debian GNU/Linux 13 (trixie), x86_64, run by systemd' },
      { name: 'memory', state: 'ok', detail: '1967 MiB, 2 processors' },
      { name: 'space', state: 'ok', detail: '/ 36.9 GB free' },
      { name: 'packages', state: 'ok', detail: 'nginx 1.26.3, php-fpm 8.4, mariadb-server 11.8.6' },
      { name: 'apt', state: 'ok', detail: 'free' },
      { name: 'port 80', state: 'ok', detail: 'free' },
      { name: 'port 443', state: 'ok', detail: 'free' },
      { name: 'clock', state: 'ok', detail: 'right' },
    ]);
  });

  it.each<readonly [string, Partial<typeof system>, Partial<typeof rest>, object]>([
    ['another family', { release: 'ID=fedora\nPRETTY_NAME="Fedora Linux 43"' }, {}, { name: 'system', state: 'missing' }],
    ['no systemd', { traits: 'ipv6' }, {}, { name: 'system', state: 'missing', detail: 'The host does not run systemd.' }],
    ['little memory', { memory: 'MemTotal:        262144 kB' }, {}, { name: 'memory', state: 'warning', detail: '256 MiB, 2 processors' }],
    [
      'little space',
      { space: 'Filesystem\n/dev/vda1 1000000 900000 100000 90% /' },
      {},
      { name: 'space', state: 'warning', detail: '/ has 102 MB free' },
    ],
    ['packages that nobody offers', { candidates: 'nginx:\n  Candidate: 1.26.3-3' }, {}, { name: 'packages', state: 'missing' }],
    [
      'an installer at work',
      {},
      { installer: 'unattended-upgr (pid 812)' },
      { name: 'apt', state: 'warning', detail: 'in use by unattended-upgr (pid 812)' },
    ],
    ['an interrupted installation', {}, { unfinished: 'mariadb-server' }, { name: 'apt', state: 'warning' }],
    ['held packages', {}, { held: 'nginx\nphp8.4-fpm' }, { name: 'apt', state: 'ok', detail: 'free; held: nginx, php8.4-fpm' }],
    ['port 80 taken', {}, { port80: 'apache2' }, { name: 'port 80', state: 'missing', detail: 'taken by apache2' }],
    ['port 443 taken', {}, { port443: 'haproxy' }, { name: 'port 443', state: 'warning', detail: 'taken by haproxy' }],
    ['nginx of our own', {}, { port80: 'nginx', manifests: 'foobar.com.json' }, { name: 'port 80', state: 'ok', detail: 'nginx' }],
    ['few inodes', {}, { inodes: '/var 1200' }, { name: 'files', state: 'warning', detail: '/var has room for 1200 more files' }],
    ['a clock behind', {}, { clock: '400000' }, { name: 'clock', state: 'warning', detail: "600 s behind this machine's" }],
    ['a clock ahead', {}, { clock: '1200100' }, { name: 'clock', state: 'warning', detail: "200 s ahead of this machine's" }],
    ['a run', {}, { run: 'foobar-provision-run-1.service' }, { name: 'run', state: 'warning' }],
    [
      'a unit that failed',
      {},
      { failed: 'cron.service\tno such table' },
      { name: 'unit', state: 'warning', detail: 'cron.service has failed: no such table' },
    ],
  ])('%s', (_, facts, more, check) => {
    const { found } = judgeHost(printed(facts, more), asked, required);
    const [same] = found.filter(({ name }) => 'name' in check && name === check.name);
    expect(same).toMatchObject(check);
    // A problem has advice.
    expect(Boolean(same?.hint)).toBe(same?.state !== 'ok');
  });

  it('reports the other findings of a host with an unsupported system', () => {
    expect(judgeHost(printed({ release: 'ID=fedora' }), asked, required).found.map(({ name }) => name)).toEqual([
      'system',
      'apt',
      'port 80',
      'port 443',
      'clock',
    ]);
  });
});
