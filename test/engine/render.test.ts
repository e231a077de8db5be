import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { backupProgram } from '../../playbooks/backup/program.ts';
import { site } from '../../playbooks/site.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { compare, type Plan } from '../../src/engine/plan.ts';
import { gather } from '../../src/engine/playbook.ts';
import { render } from '../../src/engine/render.ts';
import { stepsOf } from '../../src/engine/steps.ts';
import { surveyScript } from '../../src/engine/survey.ts';
import { aptRepository, command, file, packages, reload, restart, Secret, service, sh, shellLibrary, template } from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { config } from '../playbooks/configs.ts';
import { bookworm, sid, trixie, ubuntu } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';
import { callsOf } from '../shell/calls.ts';
import { external } from '../shell/programs.ts';
import { planOf } from './plans.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const shop = {
  ...config(
    {
      domain: 'shop.test',
      app: { shared: ['var/my uploads'], env: { KEY: new Secret("it's $5 {{x}}") } },
      source: { migrations: [{ name: '0001_a.sql', digest: 'x' }] },
    },
    { domain: 'xn--mnchen-3ya.de' },
  ),
  timezone: 'Etc/UTC',
  locale: 'C.UTF-8',
};

function first(facts = trixie, desired = gather(site, viewOf(shop, facts))): Plan {
  return compare({
    name: 'shop.test',
    version: '1.0.0',
    desired,
    remembered: { others: [], pendingHandlers: [] },
    kinds,
    outputs: new Map(),
    facts,
    allowDestroy: false,
  });
}

/** The removal of everything that a first run has created, with the current state as the readers would print it. */
function removal(): Plan {
  const manifest = first().manifest;
  const names = Object.keys(manifest.resources).map(
    (name) => [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)] as const,
  );
  const print = (kind: string, line: (id: string) => string) =>
    [kind, names.flatMap(([of, id]) => (of === kind ? [line(id)] : [])).join('')] as const;
  const outputs = new Map([
    print('package', (id) => `${id}\tinstalled\tinstall\t1\n`),
    print('group', (id) => `${id}:x:1:\n`),
    print('user', (id) => `${id}:x:1:1::/:/bin/sh\n`),
    print('secret', (id) => `${'a'.repeat(64)}  ${id}\n600 ${id}\n`),
    print('directory', (id) => `0755\troot\troot\tdirectory\t${id}\n`),
    print('file', (id) => `0644\troot\troot\tregular file\t${id}\n`),
    print('symlink', (id) => `l\tx\t${id}\n`),
    print('service', (id) => `Id=${id}\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\n`),
    print('mysql-database', (id) => `${id}\n`),
    print('mysql-user', (id) => `user\t${id}\tlocalhost\n`),
    print('live', (id) => `releases/a\t${id}\n`),
  ]);
  return compare({
    name: 'shop.test',
    version: '1.0.0',
    desired: [],
    remembered: { manifest, others: [], pendingHandlers: [] },
    kinds,
    outputs,
    facts: trixie,
    allowDestroy: true,
  });
}

/** An update: some files and links differ, and the services run. */
function update(): Plan {
  const outputs = new Map([
    [
      'service',
      ['nginx', 'mariadb', 'php8.4-fpm']
        .map((id) => `Id=${id}.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n`)
        .join('\n'),
    ],
    ['file', '0644\troot\troot\tregular file\t/etc/timezone\n0600\troot\troot\tregular file\t/etc/nginx/sites-available/shop.test.conf\n'],
    ['symlink', 'f\t\t/etc/localtime\n'],
  ]);
  return compare({
    name: 'shop.test',
    version: '1.0.0',
    desired: gather(site, viewOf(shop, trixie)),
    remembered: { others: [], pendingHandlers: ['reload:nginx.service'] },
    kinds,
    outputs,
    facts: trixie,
    allowDestroy: false,
    adopt: ['file:/etc/nginx/sites-available/shop.test.conf'],
  });
}

const everything = first(trixie, [
  ...gather(site, viewOf(shop, trixie)),
  ...[
    aptRepository('sury', { uris: 'https://packages.example/php', suites: 'trixie', components: 'main', key: 'a\n\n\n\nb' }),
    ...packages.from('sury', 'php9'),
    command('c', { run: sh`printf '%s\n' ${"it's"}`, unless: sh`test -e /c`, undo: sh`rm -f /c` }),
    file('/etc/odd', { content: "'\n\n\n\n$(id) `id` \\ EOF\nFOOBAR_PROVISION_MANIFEST\n", notify: restart('odd') }),
    service('odd.timer', { running: false, enabled: false }),
  ].map((resource) => ({ playbook: 'own', resource })),
]);

const options = { id: '20260101000000-abcdef', base: 'nonenone' };
const scripts: readonly (readonly [string, string])[] = [
  ['a bare trixie', render(first(), { ...options, lists: '/var/tmp/lists' })],
  ['a bare bookworm', render(first(bookworm), { ...options, update: true })],
  ['a bare sid, with MySQL', render(first(sid), options)],
  ['a bare Ubuntu', render(first(ubuntu), options)],
  ['a small host', render(first({ ...trixie, memory: 512 }), options)],
  ['a host of every kind of resource', render(everything, { ...options, unpack: sh`printf '%s\n' ${'unpacked'}` })],
  ['an update', render(update(), options)],
  ['a removal', render(removal(), { ...options, removesConfiguration: true })],
  ['nothing at all', render(planOf({}), options)],
];

describe.each(scripts)('the script for %s', (_, script) => {
  test('is POSIX shell', () => {
    expect(String(spawnSync('dash', ['-n'], { input: script }).stderr)).toBe('');
  });

  test('has every function that it calls', () => {
    const { called, defined } = callsOf(script);
    const others = ['mariadbd', 'mysqld', 'php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4', 'php-fpm8.5', 'sshd'];
    expect([...called].filter((word) => !defined.has(word) && !external.has(word) && !others.includes(word))).toEqual([]);
  });

  test('contains no secret', () => {
    expect(script).not.toContain("it's $5");
    expect(script).not.toContain("it'\\''s $5");
  });
});

/**
 * Words are split on purpose in what only reads (SC2086), its lists may have one word (SC2043), and awk's own text is not the shell's
 * (SC2016).
 */
const reads: readonly (readonly [string, string])[] = [['the survey', surveyScript(shop, hostWithEveryRole('host.test'), site).text]];

// The others differ from these only in their data, and each takes a second or two.
const checked = ['a host of every kind of resource', 'a removal'];

describe.skipIf(noShellcheck()).concurrent('shellcheck', { timeout: 60_000 }, () => {
  test.each([
    ...scripts.filter(([name]) => checked.includes(name)).map(([name, script]) => [`the script for ${name}`, script, []] as const),
    ...reads.map(([name, script]) => [name, script, ['-e', 'SC2086,SC2043,SC2016']] as const),
    [
      'the script that asks for certificates',
      template('web/certificate.sh', { durable: template('run/durable.sh'), reload: template('web/reload.sh') }),
      [],
    ] as const,
    // It reads its settings from files, and prints SQL and commands that are not expanded.
    ['the program that makes backups', backupProgram(), ['-e', 'SC1090,SC1091,SC2016,SC2153,SC2015']] as const,
  ])('finds nothing in %s', async (_, script, but) => {
    const { stdin, stdout } = spawn('shellcheck', ['-s', 'sh', ...but, '-']);
    stdin.end(script);
    expect(await text(stdout)).toBe('');
  });
});

/** Returns whether this machine has no shellcheck, so that these tests are skipped. */
function noShellcheck(): boolean {
  return spawnSync('shellcheck', ['--version']).error !== undefined;
}

describe('the same plan', () => {
  test('gives the same script', () => {
    expect(render(first(), options)).toBe(render(first(), options));
  });
});

describe('a run with few changes', () => {
  const functions = (plan: Plan) => [...callsOf(render(plan, options)).defined];

  test('contains no shell that it does not need', () => {
    const others = [
      'create_account',
      'generate_secret',
      'fill_release',
      'switch_release',
      'migrate',
      'sql',
      'run_package_transaction',
      'purge',
      'check',
      'back_up_table',
    ];
    expect(functions(planOf({ p: [file('/etc/a', { content: '' })] })).filter((name) => others.includes(name))).toEqual([]);
    expect(
      functions(everything)
        .filter((name) => others.includes(name))
        .sort(),
    ).toEqual(others.filter((name) => name !== 'purge').sort());
  });

  test('contains the shell of a command of a playbook', () => {
    const shell = [shellLibrary('greet', 'greet() {\n  echo hello\n}\n')];
    expect(functions(planOf({ p: [command('c', { run: sh`greet`, unless: sh`false`, shell })] }))).toContain('greet');
  });
});

describe('the content of a file', () => {
  test('is unchanged, including blank lines', () => {
    const script = render(everything, options);
    expect(script).toContain("'\\''\n\n\n\n$(id) `id` \\ EOF\nFOOBAR_PROVISION_MANIFEST\n' ");
  });
});

describe('the steps', () => {
  test('of a first run are numbered in the order of the script', () => {
    const plan = first();
    const steps = stepsOf(plan);
    const script = render(plan, options);
    const taken = [...script.matchAll(/^(?:change|handle) (\d+) (\S+)$/gm)].map(([, number, name]) => `${number} ${name}`);
    expect(taken).toEqual(steps.map(({ number, name }) => `${number} ${name}`));
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
  });

  test('of removals are staged if their kind says so, and are not purges', () => {
    const { changes, ...rest } = planOf({ p: [command('c', { run: sh`:`, unless: sh`false` })] });
    const step = { kind: 'staged', stage: sh`echo staged`, apply: sh`echo gone` } as const;
    const script = render({ ...rest, changes: changes.map((change) => ({ ...change, phase: 'removal', step })) }, options);
    expect(script).toMatch(/^step=1; prepare .*\nchange 1 command:c$/m);
    expect(script).not.toMatch(/^purge\(\)/m);
  });

  test('end each playbook with its handlers, and the run with the removals', () => {
    /** Any change to a file of an instance gives its service another name, and no other name may contain such a hash. */
    const namesOf = (plan: Plan) =>
      stepsOf(plan).map(({ name }) => name.replace(/^(service:php-(?:shop\.test|xn--mnchen-3ya\.de)-)[0-9a-f]{8}@/, '$1INSTANCE@'));
    expect(namesOf(update()).slice(-12)).toMatchInlineSnapshot(`
      [
        "release:/srv/www/shop.test/releases/0123456775fd",
        "migrations:shop_test",
        "service:php-shop.test-INSTANCE@0123456775fd.service",
        "live:/srv/www/shop.test/current",
        "release:/srv/www/xn--mnchen-3ya.de/releases/0123456789ab",
        "service:php-xn--mnchen-3ya.de-INSTANCE@0123456789ab.service",
        "live:/srv/www/xn--mnchen-3ya.de/current",
        "file:/etc/nftables.conf",
        "file:/etc/security/limits.d/90-foobar-provision.conf",
        "file:/etc/security/pwquality.conf.d/90-foobar-provision.conf",
        "nftables:foobar_provision",
        "service:nftables.service",
      ]
    `);
    expect(namesOf(removal())).toMatchInlineSnapshot(`
      [
        "file:/usr/local/lib/foobar-provision/enter",
        "file:/usr/local/lib/foobar-provision/ask",
        "file:/srv/www/xn--mnchen-3ya.de/proof/.well-known/foobar-provision",
        "symlink:/etc/nginx/sites-enabled/xn--mnchen-3ya.de.conf",
        "file:/etc/nginx/sites-available/xn--mnchen-3ya.de.conf",
        "file:/etc/systemd/system/nginx.service.d/10-foobar-provision.conf",
        "file:/srv/www/shop.test/proof/.well-known/foobar-provision",
        "symlink:/etc/nginx/sites-enabled/shop.test.conf",
        "file:/etc/nginx/sites-available/shop.test.conf",
        "symlink:/etc/nginx/sites-enabled/foobar-default.conf",
        "file:/etc/nginx/sites-available/foobar-default.conf",
        "file:/etc/nginx/snippets/foobar-connections.conf",
        "file:/etc/nginx/snippets/foobar-headers.conf",
        "file:/etc/nginx/conf.d/foobar-provision.conf",
        "file:/etc/logrotate.d/xn--mnchen-3ya.de-php",
        "file:/etc/logrotate.d/shop.test-php",
        "file:/usr/local/lib/foobar-provision/opcache.php",
        "symlink:/usr/local/lib/foobar-provision/php/8.4/php",
        "file:/etc/systemd/system/mariadb.service.d/10-foobar-provision.conf",
        "file:/etc/mysql/mariadb.conf.d/90-foobar-provision-connections.cnf",
        "file:/etc/mysql/mariadb.conf.d/90-foobar-provision.cnf",
        "file:/usr/local/lib/foobar-provision/integrity",
        "file:/etc/default/debsums",
        "file:/etc/aide/aide.conf",
        "file:/etc/issue.net",
        "file:/etc/issue",
        "file:/etc/profile.d/90-foobar-provision.sh",
        "file:/etc/systemd/coredump.conf.d/90-foobar-provision.conf",
        "file:/etc/modprobe.d/90-foobar-provision.conf",
        "file:/etc/sysctl.d/90-foobar-provision.conf",
        "file:/etc/systemd/journald.conf.d/90-foobar-provision.conf",
        "file:/etc/needrestart/conf.d/90-foobar-provision.conf",
        "file:/etc/apt/apt.conf.d/90-foobar-provision",
        "file:/etc/locale.conf",
        "file:/etc/timezone",
        "symlink:/etc/localtime",
        "live:/srv/www/xn--mnchen-3ya.de/current",
        "service:php-xn--mnchen-3ya.de-INSTANCE@0123456789ab.service",
        "live:/srv/www/shop.test/current",
        "service:php-shop.test-INSTANCE@0123456775fd.service",
        "service:nginx.service",
        "mysql-user:xn__mnchen_3ya_de",
        "mysql-database:xn__mnchen_3ya_de",
        "mysql-user:shop_test",
        "mysql-database:shop_test",
        "service:mariadb.service",
        "service:foobar-provision-integrity.timer",
        "reload:systemd",
        "service:systemd-timesyncd.service",
        "service:foobar-provision-shm.service",
        "restart:systemd-sysctl.service",
        "restart:systemd-journald.service",
        "service:unattended-upgrades.service",
        "directory:/etc/nginx/foobar-rules/xn--mnchen-3ya.de",
        "directory:/etc/foobar-provision/instances/xn--mnchen-3ya.de",
        "directory:/srv/www/xn--mnchen-3ya.de/releases",
        "directory:/etc/nginx/foobar-rules/shop.test",
        "directory:/etc/nginx/foobar-rules",
        "directory:/etc/foobar-provision/instances/shop.test",
        "directory:/etc/foobar-provision/instances",
        "directory:/usr/local/lib/foobar-provision",
        "directory:/srv/www/shop.test/releases",
        "directory:/srv/www/xn--mnchen-3ya.de/proof/.well-known",
        "directory:/srv/www/xn--mnchen-3ya.de/proof",
        "directory:/etc/nginx/site.d/xn--mnchen-3ya.de",
        "directory:/etc/systemd/system/nginx.service.d",
        "directory:/srv/www/shop.test/proof/.well-known",
        "directory:/srv/www/shop.test/proof",
        "secret:host.token",
        "directory:/etc/nginx/site.d/shop.test",
        "directory:/var/log/nginx",
        "directory:/etc/nginx/site.d",
        "directory:/var/log/php/xn--mnchen-3ya.de",
        "directory:/srv/www/xn--mnchen-3ya.de/sessions",
        "directory:/var/log/php/shop.test",
        "directory:/srv/www/shop.test/sessions",
        "directory:/var/log/php",
        "directory:/usr/local/lib/foobar-provision/php/8.4",
        "directory:/usr/local/lib/foobar-provision/php",
        "directory:/srv/www/xn--mnchen-3ya.de/shared",
        "directory:/srv/www/xn--mnchen-3ya.de",
        "group:xn____mnchen__3ya_de",
        "directory:/srv/www/shop.test/shared",
        "directory:/srv/www/shop.test",
        "directory:/srv/www",
        "secret:shop.test.env.KEY",
        "group:shop_test",
        "directory:/var/lib/foobar-provision/databases/xn--mnchen-3ya.de",
        "secret:xn--mnchen-3ya.de.database",
        "directory:/var/lib/foobar-provision/databases/shop.test",
        "directory:/var/lib/foobar-provision/databases",
        "secret:shop.test.database",
        "directory:/etc/systemd/system/mariadb.service.d",
        "directory:/var/log/mysql",
        "file:/etc/systemd/system/foobar-provision-integrity.timer",
        "file:/etc/systemd/system/foobar-provision-integrity.service",
        "directory:/etc/aide",
        "file:/etc/systemd/system/foobar-provision-shm.service",
        "directory:/etc/systemd/coredump.conf.d",
        "directory:/etc/modprobe.d",
        "directory:/etc/systemd/journald.conf.d",
        "file:/etc/security/pwquality.conf.d/90-foobar-provision.conf",
        "file:/etc/security/limits.d/90-foobar-provision.conf",
        "file:/etc/nftables.conf",
        "service:nftables.service",
        "user:xn____mnchen__3ya_de",
        "user:shop_test",
        "directory:/etc/security/pwquality.conf.d",
        "directory:/etc/nftables.d",
        "package:nginx",
        "package:php8.4-intl",
        "package:php8.4-mysql",
        "package:php8.4-fpm",
        "package:mariadb-server",
        "package:debsums",
        "package:aide",
        "package:cracklib-runtime",
        "package:libpam-pwquality",
        "package:systemd-timesyncd",
        "package:logrotate",
        "package:needrestart",
        "package:unattended-upgrades",
        "package:nftables",
        "package:tzdata",
      ]
    `);
  });

  test('tell which of them cannot be undone', () => {
    const lasting = stepsOf(first())
      .filter((step) => step.lasting)
      .map(({ name }) => name.slice(0, name.indexOf(':')));
    expect(new Set(lasting)).toEqual(new Set(['package', 'migrations']));
  });
});

describe('checkers', () => {
  const checker = { name: 'odd -t', roots: ['/etc/odd'], command: sh`odd -t` };
  const inside = file('/etc/odd/a', { content: '', notify: reload('odd', checker) });
  const outside = file('/etc/oddly', { content: '', notify: reload('odd', checker) });

  test.each([
    ['runs if files in its folders change', planOf({ p: [inside, outside] }), "check 1 'odd -t'"],
    ['does not run otherwise', planOf({ p: [outside] }), undefined],
  ])('%s', (_, plan, expected) => {
    expect(/^ {2}(check 1 .*)$/m.exec(render(plan, options))?.[1]).toBe(expected);
  });
});
