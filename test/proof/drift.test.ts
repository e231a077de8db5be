import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { cli, folder, named } from '../lab/cli.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec, instanceOn, lab } from '../lab/host.ts';

/** The number of rounds. The nightly proof has more. */
const rounds = Number(process.env.FOOBAR_DRIFTS ?? 4);

const vhost = '/etc/nginx/sites-available/foobar.com.conf';
// `<folder>` stands for the folder of the PHP instance that serves, `<unit>` for its unit.
const pool = '<folder>/fpm.conf';
const sql = (statement: string) => `mariadb -e "${statement}"`;

/** What someone may do to a host, and the resources that the plan has to name for it. Those of one `place` exclude each other. */
const mutations: readonly { readonly place: string; readonly script: string; readonly named: readonly string[] }[] = [
  { place: 'vhost', script: `echo '# edited by hand' >>${vhost}`, named: [`file:${vhost}`] },
  { place: 'vhost', script: `rm ${vhost}`, named: [`file:${vhost}`] },
  { place: 'vhost', script: `mv ${vhost} /root/vhost && ln -s /root/vhost ${vhost}`, named: [`file:${vhost}`] },
  { place: 'pool', script: `sed -i 's/^pm.max_requests.*/pm.max_requests = 7/' ${pool}`, named: [`file:${pool}`] },
  { place: 'pool', script: 'rm <folder>/php.ini', named: ['file:<folder>/php.ini'] },
  { place: 'pool', script: `chmod 0644 ${pool}`, named: [`file:${pool}`] },
  { place: 'pool', script: `chown www-data:www-data ${pool}`, named: [`file:${pool}`] },
  { place: 'enabled', script: 'rm /etc/nginx/sites-enabled/foobar.com.conf', named: ['symlink:/etc/nginx/sites-enabled/foobar.com.conf'] },
  {
    place: 'enabled',
    script: 'ln -sfn /dev/null /etc/nginx/sites-enabled/foobar.com.conf',
    named: ['symlink:/etc/nginx/sites-enabled/foobar.com.conf'],
  },
  {
    place: 'default',
    script: 'cp /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default',
    named: ['file:/etc/nginx/sites-enabled/default'],
  },
  { place: 'shared', script: 'chmod 0777 /srv/www/foobar.com/shared', named: ['directory:/srv/www/foobar.com/shared'] },
  { place: 'logs', script: 'chown root:root /var/log/php/foobar.com', named: ['directory:/var/log/php/foobar.com'] },
  // needrestart would restart PHP with files that other mutations have damaged.
  {
    place: 'package',
    script: 'NEEDRESTART_SUSPEND=1 DEBIAN_FRONTEND=noninteractive apt-get remove -y -q php8.4-mysql',
    named: ['package:php8.4-mysql'],
  },
  { place: 'nginx', script: 'systemctl stop nginx', named: ['service:nginx.service'] },
  { place: 'nginx', script: 'systemctl disable nginx', named: ['service:nginx.service'] },
  { place: 'nginx', script: 'systemctl stop nginx; systemctl mask nginx', named: ['service:nginx.service'] },
  { place: 'fpm', script: 'systemctl stop <unit>', named: ['service:<unit>'] },
  { place: 'fpm', script: 'systemctl disable <unit>', named: ['service:<unit>'] },
  // usermod refuses to change the home while PHP's workers run.
  {
    place: 'user',
    script: 'sed -i "s,^\\(foobar_com:.*\\):/srv/www/foobar.com:,\\1:/root:," /etc/passwd; grep -q "^foobar_com:.*:/root:" /etc/passwd',
    named: ['user:foobar_com'],
  },
  { place: 'user', script: 'usermod --shell /bin/bash foobar_com', named: ['user:foobar_com'] },
  { place: 'user', script: 'usermod --gid nogroup foobar_com', named: ['user:foobar_com'] },
  { place: 'zone', script: 'ln -sfn /usr/share/zoneinfo/Europe/Berlin /etc/localtime', named: ['symlink:/etc/localtime'] },
  { place: 'locale', script: 'echo LANG=de_DE.UTF-8 >/etc/locale.conf', named: ['file:/etc/locale.conf'] },
  {
    place: 'shared conf',
    script: 'chmod 0600 /etc/nginx/conf.d/foobar-provision.conf',
    named: ['file:/etc/nginx/conf.d/foobar-provision.conf'],
  },
  {
    place: 'server.cnf',
    script: 'echo "max_connections = 3" >>/etc/mysql/mariadb.conf.d/90-foobar-provision.cnf',
    named: ['file:/etc/mysql/mariadb.conf.d/90-foobar-provision.cnf'],
  },
  { place: 'database', script: 'systemctl stop mariadb', named: ['service:mariadb.service'] },
  {
    place: 'database',
    script: sql("REVOKE SELECT ON \\`foobar\\_com\\`.* FROM 'foobar_com'@'localhost'"),
    named: ['mysql-user:foobar_com'],
  },
  { place: 'database', script: sql("GRANT FILE ON *.* TO 'foobar_com'@'localhost'"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: sql("GRANT SELECT ON mysql.* TO 'foobar_com'@'localhost'"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: sql("ALTER USER 'foobar_com'@'localhost' IDENTIFIED BY 'guessed'"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: sql("ALTER USER 'foobar_com'@'localhost' ACCOUNT LOCK"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: sql("ALTER USER 'foobar_com'@'localhost' REQUIRE SSL"), named: ['mysql-user:foobar_com'] },
  {
    place: 'database',
    script: sql("GRANT SELECT ON \\`foobar\\_com\\`.* TO 'foobar_com'@'localhost' WITH GRANT OPTION"),
    named: ['mysql-user:foobar_com'],
  },
  {
    place: 'database',
    script: sql("GRANT SELECT ON mysql.db TO 'foobar_com'@'localhost' WITH GRANT OPTION"),
    named: ['mysql-user:foobar_com'],
  },
  { place: 'database', script: sql("GRANT SELECT ON other_shop.* TO 'foobar_com'@'localhost'"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: 'systemctl disable mariadb', named: ['service:mariadb.service'] },
  { place: 'database', script: sql("DROP USER 'foobar_com'@'localhost'"), named: ['mysql-user:foobar_com'] },
  { place: 'database', script: sql('DROP DATABASE foobar_com'), named: ['mysql-database:foobar_com', 'migrations:foobar_com'] },
  {
    place: 'live',
    script:
      'mkdir -p /srv/www/foobar.com/releases/other && ln -sfn releases/other /srv/www/foobar.com/current && rmdir /srv/www/foobar.com/releases/other',
    named: ['live:/srv/www/foobar.com/current'],
  },
  { place: 'live', script: 'rm /srv/www/foobar.com/current', named: ['live:/srv/www/foobar.com/current'] },
  { place: 'secret', script: 'chmod 0644 /etc/foobar-provision/secrets/foobar.com.database', named: ['secret:foobar.com.database'] },
];

/** Chooses several mutations, at most one of a place, so that the plan names each of them. */
function some(random: () => number): readonly (typeof mutations)[number][] {
  const places = [...new Set(mutations.map(({ place }) => place))];
  return places.flatMap((place) => {
    const here = mutations.filter((mutation) => mutation.place === place);
    const chosen = here[Math.floor(random() * here.length)];
    return chosen && random() < 0.5 ? [chosen] : [];
  });
}

/** Returns a generator of random numbers (Mulberry32). A failure names the seed, which gives the same numbers again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe.skipIf(unsupported() !== undefined)('a host that somebody has changed', () => {
  const here = lab('trixie', { include: ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql'] });
  const cwd = folder({ 'foobar.config.json': JSON.stringify({ timezone: 'Etc/UTC', locale: 'C.UTF-8' }) });
  const args = ['--yes'];

  test(`${rounds} times, in several ways at once: the plan names exactly these changes, and one run restores the host`, {
    timeout: 180_000 + rounds * 60_000,
  }, async () => {
    const first = await cli(here.host, 'apply', args, { cwd });
    expect(first.code, first.stderr).toBe(0);
    const original = await fingerprint(here.host);
    for (let round = 0; round < rounds; round += 1) {
      const seed = Number(process.env.FOOBAR_SEED ?? Date.now() % 1_000_000) + round;
      const chosen =
        round === 0 && !process.env.FOOBAR_SEED
          ? mutations.filter((mutation, index) => mutations.findIndex(({ place }) => place === mutation.place) === index)
          : some(randomOf(seed));
      const told = `seed ${seed}: ${chosen.map(({ script }) => script).join(' ; ')}`;
      const instance = await instanceOn(here.host);
      const placed = (text: string) => text.replaceAll('<folder>', instance.folder).replaceAll('<unit>', instance.unit);
      for (const { script } of chosen) {
        const { code, stderr } = await exec(here.host, `set -e\n${placed(script)}`);
        expect(code, `${script}\n${stderr}`).toBe(0);
      }
      const plan = await cli(here.host, 'plan', [], { cwd });
      const changes = named(plan, 'change').filter(({ resource }) => !String(resource).startsWith('handler:'));
      expect([...new Set(changes.map(({ resource }) => resource))].sort(), told).toEqual(
        [...new Set(chosen.flatMap((mutation) => mutation.named.map(placed)))].sort(),
      );
      expect(new Set(changes.map(({ reason }) => reason)), told).toEqual(new Set(changes.length > 0 ? ['drift'] : []));
      const run = await cli(here.host, 'apply', args, { cwd });
      expect(run.code, `${told}\n${run.stderr}`).toBe(0);
      expect(differences(original, await fingerprint(here.host)), told).toEqual([]);
      expect((await cli(here.host, 'plan', [], { cwd })).code, told).toBe(0);
    }
  });

  test('what people have added stays, and what matters is reported', async () => {
    const added = {
      '/etc/systemd/system/nginx.service.d/own.conf': '[Service]\\nNice=1\\n',
      '/etc/nginx/site.d/foobar.com/own.conf': 'add_header X-Own yes;\\n',
      '/etc/nginx/conf.d/own.conf': '# own\\n',
      '/etc/mysql/mariadb.conf.d/99-own.cnf': '[mariadbd]\\nmax_connections = 33\\n',
    };
    const paths = Object.keys(added).join(' ');
    const script = Object.entries(added).map(([path, text]) => `mkdir -p ${dirname(path)}; printf '${text}' >${path}`);
    await exec(here.host, `${script.join('\n')}\nsystemctl daemon-reload; systemctl reload nginx`);
    const before = await exec(here.host, `sha256sum ${paths}`);
    const plan = await cli(here.host, 'plan', [], { cwd });
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
    expect(named(plan, 'note').map(({ text }) => text)).toContainEqual(expect.stringContaining('nginx.service.d/own.conf'));
    await exec(here.host, `rm ${vhost}`);
    expect((await cli(here.host, 'apply', args, { cwd })).code).toBe(0);
    expect((await exec(here.host, `sha256sum ${paths}`)).stdout).toBe(before.stdout);
  });
});
