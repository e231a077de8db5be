import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { down, type Sandbox, sshArguments, up } from '../../src/sandbox/index.ts';
import { report } from './report.ts';
import { median, numberOf, requireTool } from './tools.ts';

/**
 * Served pages: our host, hardened as it is by default, and a plain host set up by hand, in turn, with 32 connections of wrk.
 * `npm run bench:serve`, `-- --rounds 7` or `-- --seconds 5`. Prints the requests per second and the processor time per request of both
 * hosts. The processor time, of nginx, PHP and the database together, hardly depends on what else this machine does.
 */
const entry = join(import.meta.dirname, '../../dist/bin.mjs');
const rounds = numberOf('--rounds', 5);
const seconds = numberOf('--seconds', 3);
const connections = 32;
const folder = await mkdtemp(join(tmpdir(), 'foobar-bench-serve-'));

const hello = '<?php\necho "hello";\n';
const query = (dsn: string) => `<?php
$database = ${dsn};
echo $database->query('SELECT 6 * 7')->fetchColumn();
`;
const queryOfOurs =
  "new PDO('mysql:unix_socket=' . getenv('DB_SOCKET') . ';dbname=' . getenv('DB_DATABASE'), getenv('DB_USERNAME'), getenv('DB_PASSWORD'))";
const queryOfPlain = "new PDO('mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=site', 'www-data')";
const pages = [
  ['hello from PHP', '/', 'plain.test'],
  ['a page of a front controller', '/articles/a-title', 'plain.test'],
  ['a query with PDO', '/query.php', 'plain.test'],
  ['a static file of 10 kB', '/file.txt', 'plain.test'],
  ['hello, with the microcache', '/', 'cached.test'],
] as const;

interface Served {
  /** Requests per second. */
  readonly rate: number;
  /** Microseconds of processor time per request. */
  readonly cost: number;
}

function ssh(host: Sandbox, command: string, input = ''): string {
  const ended = spawnSync('ssh', [...sshArguments(host), command], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  if (ended.status !== 0) throw new Error(`ssh ${command} ended with ${ended.status}`);
  return ended.stdout;
}

/** Returns the processor time that the host's web server, PHP and database have taken so far, in microseconds. */
function processorTime(host: Sandbox): number {
  const shown = ssh(host, "systemctl show --property=CPUUsageNSec --value nginx.service mariadb.service 'php*.service'");
  return shown.split('\n').reduce((sum, line) => sum + (Number(line) || 0), 0) / 1000;
}

async function serve(host: Sandbox, path: string, domain: string): Promise<Served> {
  const before = processorTime(host);
  const wrk = spawn('wrk', ['-t1', `-c${connections}`, `-d${seconds}`, '-H', `Host: ${domain}`, `http://${host.address}${path}`]);
  const [output] = await Promise.all([text(wrk.stdout), once(wrk, 'close')]);
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  if (!(requests > 0) || output.includes('Non-2xx')) throw new Error(output);
  return { rate: Number(/Requests\/sec:\s*([\d.]+)/.exec(output)?.[1]), cost: (processorTime(host) - before) / requests };
}

/** Returns the memory of an idle site's PHP in MiB, shared pages counted in proportion. */
function idleMemory(host: Sandbox): number {
  const shown = ssh(
    host,
    "for unit in $(systemctl list-units --plain --no-legend 'php*@*.service' php8.4-fpm.service | awk '{ print $1 }'); do cat $(systemctl show --property=ControlGroup --value $unit | sed 's,^,/sys/fs/cgroup,; s,$,/cgroup.procs,'); done | while read -r id; do cat /proc/$id/smaps_rollup; done | awk '/^Pss:/ { sum += $2 } END { print sum }'",
  );
  return Number(shown) / 1024;
}

const hosts: Sandbox[] = [];
const { line, end } = report('Served pages');
try {
  requireTool('wrk', 'wrk');
  await mkdir(join(folder, 'app/public'), { recursive: true });
  const file = randomBytes(7500).toString('base64').slice(0, 10_000);
  await Promise.all(
    [
      ['index.php', hello],
      ['query.php', query(queryOfOurs)],
      ['file.txt', file],
    ].map(([name = '', content = '']) => writeFile(join(folder, 'app/public', name), content)),
  );
  const shared = { www: false, https: false, app: { source: 'app' } };
  const sites = [
    { ...shared, domain: 'plain.test' },
    { ...shared, domain: 'cached.test', web: { cache: 10 }, database: { engine: 'none' } },
  ];
  await writeFile(join(folder, 'foobar.config.json'), JSON.stringify({ sites }));

  const ours = await up({ suite: 'trixie' });
  hosts.push(ours);
  const reach = [`root@${ours.address}`, '-i', ours.identity, '--known-hosts', ours.knownHosts];
  const applied = spawnSync(process.execPath, [entry, 'apply', '--yes', ...reach], { cwd: folder, encoding: 'utf8' });
  if (applied.status !== 0) throw new Error(`${applied.stdout}${applied.stderr}`);

  const plain = await up({ suite: 'trixie' });
  hosts.push(plain);
  ssh(plain, 'bash -s', await readFile(join(import.meta.dirname, 'plain-host.sh'), 'utf8'));
  for (const [name, content] of [
    ['index.php', hello],
    ['query.php', query(queryOfPlain)],
    ['file.txt', file],
  ] as const)
    ssh(plain, `mkdir -p /var/www/site && cat >/var/www/site/${name}`, content);

  line(`memory of PHP at rest: ours ${(idleMemory(ours) / 2).toFixed(0)} MiB a site, plain ${idleMemory(plain).toFixed(0)} MiB`);
  for (const [title, path, domain] of pages) {
    const [own, other]: [Served[], Served[]] = [[], []];
    for (let n = 0; n < rounds; n += 1) {
      own.push(await serve(ours, path, domain));
      other.push(await serve(plain, path, domain));
    }
    const ratios = own.map(({ rate }, index) => rate / (other[index]?.rate ?? Number.NaN));
    const [ownRate, ownCost, rate, cost] = [own, other].flatMap((all) => [
      median(all.map((each) => each.rate)),
      median(all.map((each) => each.cost)),
    ]);
    line(
      `${title.padEnd(30)} ours ${ownRate?.toFixed(0)}/s ${ownCost?.toFixed(0)} µs   plain ${rate?.toFixed(0)}/s ${cost?.toFixed(0)} µs   ratio ${median(ratios).toFixed(2)} (processor time ${((ownCost ?? 0) / (cost ?? 1)).toFixed(2)})`,
    );
  }
  end();
} finally {
  for (const { name } of hosts) await down(name);
  await rm(folder, { recursive: true, force: true });
}
