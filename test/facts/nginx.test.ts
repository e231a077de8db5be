import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';
import { nginxAdvice } from '../../src/facts/nginx-advice.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nginx-paths-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Returns what the script prints about a configuration below `root`. */
function printed(): readonly string[] {
  const script = bundled('run/nginx-paths.pl').replaceAll('/etc/nginx', `${root}/nginx`);
  const { stdout, stderr, error } = spawnSync('perl', ['-w', '-'], { input: script, encoding: 'utf8', timeout: 10_000 });
  expect(error).toBeUndefined();
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

function write(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

const own = '/etc/nginx/site.d/a.test/own.conf';
test.each([
  [
    `"client_max_body_size" directive is duplicate in ${own}:1`,
    /already have client_max_body_size.*remove it from .*own\.conf, and set limits\.upload/,
  ],
  [`"charset" directive is duplicate in ${own}:1`, /already have charset.*remove it from .*own\.conf\.$/],
  [`duplicate location "/" in ${own}:7`, /location for "\/": remove it from .*own\.conf, and use web\.routes/],
  ['"root" directive is duplicate in /etc/nginx/sites-enabled/theirs:1', undefined],
  [`unknown directive "x" in ${own}:1`, undefined],
])('what to do about %s', (complaint, expected) => {
  const advice = nginxAdvice(
    `2026/11/30 17:41:22 [emerg] 8110#8110: ${complaint}\nnginx: configuration file /etc/nginx/nginx.conf test failed`,
  );
  if (expected) expect(advice).toMatch(expected);
  else expect(advice).toBeUndefined();
});

test('only enabled sites count, through a link to a file or to a folder of the owner', () => {
  write('nginx/nginx.conf', `error_log /one/error.log; include ${root}/own/*.inc;`);
  write('nginx/sites-available/a', 'access_log /two/a.log;');
  write('nginx/sites-available/b', 'access_log /three/b.log;');
  mkdirSync(join(root, 'nginx/sites-enabled'));
  symlinkSync('../sites-available/a', join(root, 'nginx/sites-enabled/a'));
  write('elsewhere/c.conf', 'root /home/ann/site;');
  symlinkSync(join(root, 'elsewhere'), join(root, 'nginx/more'));
  write('own/x.inc', 'proxy_cache_path /four/cache levels=1;');
  expect(printed().filter((line) => !line.includes(root))).toEqual([
    'written\t/four/cache',
    'written\t/one',
    'written\t/two',
    'named\t/home/ann/site',
  ]);
});

test('a pre-existing file that is linked from elsewhere has to stay readable, and one of ours does not, because the next run replaces the link', () => {
  for (const [name, content] of [
    ['own', 'server { listen 80; }'],
    ['ours', '# Written by foobar-provision\nserver { listen 80; }'],
  ] as const) {
    write(`home/${name}.conf`, content);
    mkdirSync(join(root, 'nginx/sites-available'), { recursive: true });
    mkdirSync(join(root, 'nginx/sites-enabled'), { recursive: true });
    symlinkSync(join(root, `home/${name}.conf`), join(root, `nginx/sites-available/${name}.conf`));
    symlinkSync(`../sites-available/${name}.conf`, join(root, `nginx/sites-enabled/${name}.conf`));
  }
  expect(printed()).toEqual([`named\t${root}/home/own.conf`]);
});

test('directives are read from the files that Nginx includes, in its order, except for those of this program', () => {
  write(
    'nginx/nginx.conf',
    'user www-data; http { gzip_types text/css; # listen 9;\n include conf.d/*.conf; include "conf.d/domains/*.conf"; }',
  );
  write('nginx/conf.d/a.conf', 'server { listen 80;\n server_name a.test\n b.test; location / { return 200; } }');
  write('nginx/conf.d/ours.conf', '# Written by foobar-provision\nserver { listen 81; }');
  write('nginx/conf.d/domains/c.conf', `server { listen 82; include ${root}/home/extra.conf*; include ${root}/nginx/nginx.conf; }`);
  write('nginx/conf.d/domains/c.conf.bak', 'server { listen 83; }');
  write('home/extra.conf_1', 'server_name extra.test; keepalive_timeout 9;');
  write('nginx/sites-enabled/d', 'server { listen 84; }');
  const script = bundled('facts/nginx.pl').replaceAll('/etc/nginx', `${root}/nginx`);
  const { stdout, stderr } = spawnSync('perl', ['-w', '-'], { input: script, encoding: 'utf8', timeout: 10_000 });
  expect(stderr).toBe('');
  expect(
    stdout
      .replaceAll(`${root}/`, '')
      .split('\n')
      .filter((line) => !line.includes(':include ')),
  ).toEqual([
    'nginx/nginx.conf:user www-data;',
    'nginx/nginx.conf:gzip_types text/css;',
    'nginx/conf.d/a.conf:listen 80;',
    'nginx/conf.d/a.conf:server_name a.test b.test;',
    'nginx/conf.d/domains/c.conf:listen 82;',
    'home/extra.conf_1:server_name extra.test;',
    'home/extra.conf_1:keepalive_timeout 9;',
    'nginx/sites-enabled/d:listen 84;',
    '',
  ]);
});

test('no link is followed into a folder that a site controls, and only regular files are read', () => {
  write('nginx/nginx.conf', 'pid /five/nginx.pid;');
  mkdirSync(join(root, 'nginx/foobar-rules/a.test/1'), { recursive: true });
  mkdirSync(join(root, 'docroot'));
  symlinkSync('/', join(root, 'docroot/all'));
  spawnSync('mkfifo', [join(root, 'docroot/waits.conf')]);
  symlinkSync(join(root, 'docroot'), join(root, 'nginx/foobar-rules/a.test/1/docroot'));
  mkdirSync(join(root, 'nginx/conf.d'));
  symlinkSync(join(root, 'docroot/waits.conf'), join(root, 'nginx/conf.d/waits.conf'));
  symlinkSync(join(root, 'docroot'), join(root, 'nginx/conf.d/docroot'));
  expect(printed().filter((line) => !line.includes(root))).toEqual(['written\t/five']);
});
