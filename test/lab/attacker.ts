import { randomUUID } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { runPhp } from '../proof/php.ts';
import { ask } from './ask.ts';
import { type Attack, confinedAttacks, loot, phpAttacks, type Roles, requestsOf, shellAttacks } from './attacks.ts';
import { cli, folder } from './cli.ts';
import { exec, type Lab } from './host.ts';

const names = ['one', 'two', 'three'] as const;

/** Runs what was laid for it below `shared/`, and says what that printed. */
const laid = `cd /srv/www/one.test/shared && [ -e "$1" ] || exit 0
mv "$1" "$1.running"; sh "$1.running" >"$1.out" 2>&1 </dev/null; mv "$1.out" "$1.done"
`;

const php = (name: string) => ({
  [`${name}/public/index.php`]: `<?php echo 'this is ${name}';`,
  [`${name}/public/run.php`]: `<?php try { eval(file_get_contents('php://input')); } catch (Throwable $e) { echo get_class($e), ': ', $e->getMessage(); }`,
  [`${name}/secret.txt`]: `FILE-OF-${name.toUpperCase()}\n`,
  [`${name}/migrations/0001.sql`]: 'CREATE TABLE things (id int);\n',
});

const python = `import os, subprocess
def app(environ, start):
    path = environ['SCRIPT_NAME'] + environ['PATH_INFO']
    with open('/srv/www/three.test/shared/asked', 'a') as asked:
        asked.write(path + '\\n')
    start('200 OK', [('Content-Type', 'text/plain')])
    if path != '/run':
        return [b'this is three']
    script = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    return [subprocess.run(['sh'], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout]
`;

const site = (name: string, app: object, more: object = {}) => ({
  domain: `${name}.test`,
  www: false,
  app: { source: name, docroot: 'public', env: { TOKEN: `TOKEN-OF-${name.toUpperCase()}` }, ...app },
  ...more,
});

/** A folder with three sites: two of PHP, of which the first has everything that a program can run from, and one of Python. */
export function threeSites(more: object = {}): string {
  const beside = {
    workers: { lies: { command: 'while :; do sh lies.sh worker; sleep 0.2; done' } },
    cron: { lies: { command: 'sh lies.sh cron', schedule: '*:*:0/2' } },
  };
  const one = {
    shared: ['.env', 'public/uploads'],
    writable: ['public/cache', 'var/data'],
    hooks: { before: ['sh lies.sh hook'] },
  };
  const path = folder({
    'foobar.config.json': JSON.stringify({
      sites: [
        site('one', one, beside),
        site('two', {}, { workers: { queue: { command: 'exec sleep 100000 # COMMAND-OF-TWO' } } }),
        site('three', { runtime: 'python', docroot: 'static', shared: ['static/uploads'] }),
      ],
      ...more,
    }),
    ...php('one'),
    'one/lies.sh': laid,
    'one/public/cache/kept.txt': 'kept',
    'one/var/data/kept.txt': 'kept',
    ...php('two'),
    'three/app.py': python,
    'three/static/a.txt': 'static',
    'three/secret.txt': 'FILE-OF-THREE\n',
  });
  // The release's own links lead to what the application may write by other addresses.
  for (const [link, target] of Object.entries({ c: 'cache', all: '.', data: '../var/data', deep: '../var' }))
    symlinkSync(target, join(path, 'one/public', link));
  return path;
}

/** From where an attacker's shell script runs. */
export const origins = ['shell', 'php', 'worker', 'cron', 'hook', 'python'] as const;
export type Origin = (typeof origins)[number];

/** Every entry that one batch tries, as whom, and on what. */
export function batchOf(origin: Origin): { readonly roles: Roles; readonly attacks: readonly Attack[] } {
  const roles: Roles =
    origin === 'python'
      ? { me: 'three', others: ['two', 'one'], docroot: 'static' }
      : { me: 'one', others: ['two', 'three'], docroot: 'public' };
  return { roles, attacks: [...shellAttacks(roles), ...(origin === 'shell' ? [] : confinedAttacks(roles))] };
}

export const phpBatch = phpAttacks({ me: 'one', others: ['two', 'three'], docroot: 'public' });

/** What no attack may change: owners, modes and contents of what is not the attacker's. */
const seen = `find /etc /root /srv/www /usr/local /var/spool/cron /run/nologin /var/lib/foobar-provision/manifests /run/foobar-provision /dev/shm -maxdepth 4 ! -path '/srv/www/*/sessions/*' ! -path '/srv/www/ME/*' ! -path '/srv/www/three.test/shared/asked' ! -path '*/__pycache__*' ! -name '.viminfo' ! -name '*.lock' ! -name '*-' -printf '%p %y %u:%g %m %l\\n' 2>/dev/null | sort
stat -c '%n %U:%G %a' /srv/www/ME /srv/www/ME/* 2>/dev/null | grep -v '/shared\\|/sessions'
find /etc /root /srv/www/two.test/shared /usr/local -xdev -type f ! -path '/root/.cache/*' ! -name '*-' ! -name '*.lock' -exec sha256sum {} + 2>/dev/null | sort
for engine in mariadb mysql; do ! command -v $engine >/dev/null || { $engine -N -e "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('one_test', 'information_schema', 'performance_schema'); SELECT user, host FROM mysql.user"; break; }; done
cat /proc/sys/kernel/hostname; ls /tmp/cron-ran /tmp/at-ran; ls /var/spool/cron/crontabs; atq
systemctl list-units --plain --no-legend --state=active 'php-*' 'python-*' nginx 'm*.service' ssh | awk '{ print $1 }' | sort`;

/** An attacker on a host that serves `threeSites`. */
export function attackerOn(here: Lab) {
  let secrets: readonly string[] = [];
  const counts = { attacks: 0 };

  const script = (attacks: readonly Attack[], mark: string) =>
    attacks.map(({ code }, at) => `echo; echo '${mark}${at}'\n( timeout 10 sh <<'ATTACK'\n${code}\nATTACK\n)`).join('\n');
  const by = (name: string, code: string) =>
    exec(here.host, `timeout 120 setpriv --reuid=${name}_test --regid=${name}_test --clear-groups -- sh <<'SCRIPT' 2>&1\n${code}\nSCRIPT`);

  /** Lays a script for what runs beside the site, and says what it printed. */
  const lay = async (place: string, code: string, go: () => Promise<unknown>) => {
    const at = `/srv/www/one.test/shared/${place}`;
    await by('one', `rm -f ${at}.done; cat >${at}.new <<'LAID'\n${code}\nLAID\nmv ${at}.new ${at}`);
    await go();
    await expect.poll(async () => (await exec(here.host, `ls ${at}.done 2>/dev/null`)).stdout, { timeout: 60_000 }).not.toBe('');
    return (await exec(here.host, `cat ${at}.done; rm -f ${at}.done ${at}.running`)).stdout;
  };

  const post = async (domain: string, path: string, body: string) => {
    const socket = connect({ host: here.host.address, port: 80 });
    socket.write(`POST ${path} HTTP/1.0\r\nHost: ${domain}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return text(socket);
  };

  const run: Record<Origin, (code: string, deploy: () => Promise<unknown>) => Promise<string>> = {
    shell: async (code) => (await by('one', code)).stdout,
    php: (code) =>
      runPhp(
        here.host.address,
        'one.test',
        `set_time_limit(60); file_put_contents('/tmp/a', <<<'SH'\n${code}\nSH); echo shell_exec('sh /tmp/a 2>&1');`,
      ),
    worker: (code) => lay('worker', code, async () => undefined),
    cron: (code) => lay('cron', code, async () => undefined),
    hook: (code, deploy) => lay('hook', code, deploy),
    python: (code) => post('three.test', '/run', code),
  };

  /** A site's releases each have a process, and the attacker may deploy: of its processes only the name of the release may differ. */
  const fingerprint = async (me = 'one') => {
    const { stdout } = await exec(here.host, seen.replaceAll('ME', `${me}.test`));
    const release = new RegExp(`((?:/|-)${me}\\.test[-/][0-9a-f]{8}@)[0-9a-f]{12}(?=\\.)`, 'g');
    return [...new Set(stdout.replaceAll(release, '$1RELEASE').split('\n'))].join('\n');
  };
  const harmless = (printed: string, what: string, me = 'one') => {
    for (const secret of [...secrets, ...names.filter((name) => name !== me).flatMap(loot)])
      if (printed.includes(secret)) expect.fail(`${what} printed ${secret}: ${printed.slice(0, 2000)}`);
  };
  const othersAnswer = async (...others: readonly string[]) => {
    for (const name of others.length > 0 ? others : ['two', 'three'])
      expect((await ask(here.host.address, `${name}.test`))?.body, name).toBe(`this is ${name}`);
  };
  const visit = async ({ name, paths = [] }: Attack, me: string) => {
    for (const path of paths) harmless((await ask(here.host.address, `${me}.test`, path))?.body ?? '', `${name}, asked for ${path},`, me);
  };

  return {
    counts,
    asOne: async (code: string) => by('one', code),
    harmless,
    fingerprint,
    othersAnswer,

    /** Provisions the sites, and lays what is to be stolen. */
    begin: async (cwd: string) => {
      const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
      expect(ended.code, ended.stderr).toBe(0);
      await exec(
        here.host,
        `for name in two three one; do echo KEPT-OF-$(echo $name | tr a-z A-Z) >/srv/www/$name.test/shared/.env; chown \${name}_test: /srv/www/$name.test/shared/.env; [ ! -d /var/log/php/$name.test ] || echo LOG-OF-$(echo $name | tr a-z A-Z) >/var/log/php/$name.test/error.log; done
setsid sh -c 'echo SHM-OF-TWO >/dev/shm/two; chmod 666 /dev/shm/two'; perl -e 'shmget(4711, 4096, 0666 | 512)'`,
      );
      await runPhp(here.host.address, 'two.test', `file_put_contents('/dev/shm/two', 'SHM-OF-TWO');`);
      const { stdout } = await exec(
        here.host,
        "cat /etc/foobar-provision/secrets/two.test.* /etc/foobar-provision/secrets/host.token; echo; sed -n 's/^root:\\([^:]\\{3,\\}\\).*/\\1/p' /etc/shadow",
      );
      secrets = ['root:x:', 'WRITTEN', ...stdout.split('\n').filter((line) => line.length > 12)];
    },

    /** All shell attacks from one place: none prints, shows or changes what is not the attacker's. */
    shellBatch: async (origin: Origin, deploy: () => Promise<unknown> = async () => undefined) => {
      const { roles, attacks } = batchOf(origin);
      const before = await fingerprint(roles.me);
      const mark = `#${randomUUID()} `;
      const printed = await run[origin](script(attacks, mark), deploy);
      const parts = printed.split(mark).slice(1);
      expect(parts.length, printed.slice(-2000)).toBe(attacks.length);
      for (const part of parts) harmless(part, `${origin}: ${attacks[Number.parseInt(part, 10)]?.name}`, roles.me);
      for (const each of attacks) await visit(each, roles.me);
      expect(await fingerprint(roles.me)).toBe(before);
      await othersAnswer(...roles.others);
      counts.attacks += attacks.length;
    },

    /** All attacks that PHP makes by itself. */
    phpBatch: async () => {
      const before = await fingerprint();
      for (const each of phpBatch) {
        harmless(await runPhp(here.host.address, 'one.test', each.code), each.name);
        await visit(each, 'one');
      }
      expect(await fingerprint()).toBe(before);
      await othersAnswer();
      counts.attacks += phpBatch.length;
    },

    /** All requests that only an attacker writes. */
    requests: async () => {
      const requests = requestsOf({ me: 'one', others: ['two', 'three'], docroot: 'public' });
      for (const request of requests) {
        const socket = connect({ host: here.host.address, port: 80 });
        socket.on('error', () => undefined);
        socket.setTimeout(10_000, () => socket.destroy());
        socket.write(request);
        harmless(await text(socket).catch(() => ''), request);
        await othersAnswer();
      }
      expect((await exec(here.host, 'cat /srv/www/three.test/shared/asked')).stdout).not.toContain('smuggled');
      counts.attacks += requests.length;
    },
  };
}
