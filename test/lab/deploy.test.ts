import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, type Ended, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

const config = {
  domain: 'foobar.com',
  php: { extensions: [] },
  database: { engine: 'none' },
  app: { source: 'app', shared: ['public/up'] },
};
const odd = ['a\nline\\of "names"', "it's $HOME `id` ;|&*", '-rf', 'ünï/😀/｡'];
const page = (text: string) => `<?php echo '${text} ', getenv('APP_RELEASE'), ' ', is_file(__DIR__ . '/../-rf') ? 'odd' : '';`;

describe('a deploy', () => {
  const here = lab('trixie', { include: php });
  const app = folder({
    'foobar.config.json': JSON.stringify(config),
    'app/public/index.php': page('one'),
    'app/public/up/seed.txt': 'seed',
    'app/src/kept.php': '<?php // kept',
    'app/src/gone.php': '<?php // gone',
    ...Object.fromEntries(odd.map((name, index) => [`app/${name}`, String(index)])),
  });
  symlinkSync('src/kept.php', join(app, 'app/link'));
  mkdirSync(join(app, 'app/storage/logs'), { recursive: true });
  chmodSync(join(app, 'app/-rf'), 0o6755);
  const deploy = (...args: readonly string[]) => cli(here.host, 'deploy', args, { cwd: app });
  const visit = async () => (await ask(here.host.address, 'www.foobar.com'))?.body;
  const sent = (ended: Ended) => named(ended, 'sending')[0];
  const idOf = (ended: Ended) => String(sent(ended)?.id);
  const on = async (script: string) => (await exec(here.host, script)).stdout;

  test('needs a provisioned host, and says so', async () => {
    const ended = await deploy();
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('Provision it first')]);
    expect(await on('ls -d /srv/www /var/lib/foobar-provision 2>/dev/null')).toBe('');
    const applied = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(applied.code, applied.stderr).toBe(0);
    expect(await visit()).toMatch(/^one [0-9a-f]{12} odd$/);
  });

  test('sends only what has changed, and the release equals the folder, whatever its names', async () => {
    writeFileSync(join(app, 'app/public/index.php'), page('two'));
    rmSync(join(app, 'app/src/gone.php'));
    mkdirSync(join(app, 'app/storage/cache'));
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(0);
    expect(sent(ended)).toMatchObject({
      added: { some: ['storage/cache'] },
      changed: { some: ['public/index.php'] },
      removed: { some: ['src/gone.php'] },
    });
    expect(named(ended, 'progress').map(({ text }) => text)).toContain('sending the application (1 of 8 files)');
    expect(await visit()).toBe(`two ${idOf(ended)} odd`);
    // Nothing is in it besides but what this program keeps in a folder of its own.
    const sums =
      "find . -type f ! -path './public/up*' ! -path './.foobar-provision/*' -print0 | sort -z | xargs -0 sha256sum -z | tr '\\0\\n' '\\n?'";
    const there = await on(`cd /srv/www/foobar.com/current/ && ${sums}; readlink link; stat -c '%a %U' ./-rf`);
    expect(there).toBe(`${String(spawnSync('sh', ['-c', sums], { cwd: join(app, 'app') }).stdout)}src/kept.php\n755 root\n`);
    const folders = "find . -mindepth 1 -type d ! -name up ! -path './.foobar-provision*' | sort";
    expect(await on(`cd /srv/www/foobar.com/current/ && ${folders}`)).toBe(
      String(spawnSync('sh', ['-c', folders], { cwd: join(app, 'app') }).stdout),
    );
    // What stays is the same file in both, and what PHP may write is in neither.
    expect(
      await on('cd /srv/www/foobar.com/releases && stat -c %h */src/kept.php; find */public/up -type f; cat ../shared/public/up/seed.txt'),
    ).toBe('2\n2\nseed');
  });

  test('serves the files of pages that are still open, after a switch and after a rollback', async () => {
    const asset = async (name: string) => {
      const answer = await ask(here.host.address, 'www.foobar.com', `/app.${name}.js`);
      return [answer?.status, answer?.body];
    };
    const put = async (name: string) => {
      for (const other of ['11111111', '22222222', '33333333']) rmSync(join(app, `app/public/app.${other}.js`), { force: true });
      writeFileSync(join(app, `app/public/app.${name}.js`), name);
      const ended = await deploy();
      expect(ended.code, ended.stderr).toBe(0);
    };
    await put('11111111');
    await put('22222222');
    expect(await asset('11111111')).toEqual([200, '11111111']);
    await put('33333333');
    expect(await asset('22222222')).toEqual([200, '22222222']);
    expect((await asset('11111111'))[1]).toMatch(/^two /);
    const back = await cli(here.host, 'rollback', [], { cwd: app });
    expect(back.code, back.stderr).toBe(0);
    expect(await asset('22222222')).toEqual([200, '22222222']);
    expect(await asset('33333333')).toEqual([200, '33333333']);
    rmSync(join(app, 'app/public/app.33333333.js'));
    expect(await on("stat -c '%N' /srv/www/foobar.com/previous")).toMatch(/releases\/[0-9a-f]{12}\/public'/);
  });

  test('leaves other changes to the next full run, and reports them', async () => {
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify({ ...config, packages: ['tree'] }));
    writeFileSync(join(app, 'app/public/index.php'), page('three'));
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'change').map(({ resource }) => String(resource).split(':')[0])).not.toContain('package');
    expect(ended.stdout).toContain('1 other change waits for the next full run.');
    expect(await on('command -v tree')).toBe('');
    const next = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(next, 'change').map(({ resource }) => resource)).toContain('package:tree');
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify(config));
  });

  test('does not reuse a file that was edited on the host; the plan names it, and a run repairs it', async () => {
    await on("printf '<?php // edited' >/srv/www/foobar.com/current/src/kept.php");
    const planned = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(planned, 'change')).toMatchObject([{ reason: 'drift', summary: '1 file edited: src/kept.php' }]);
    writeFileSync(join(app, 'app/public/index.php'), page('four'));
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'progress').map(({ text }) => text)).toContain('sending the application (2 of 8 files)');
    expect(await on('cat /srv/www/foobar.com/current/src/kept.php')).toBe('<?php // kept');
    await on('rm /srv/www/foobar.com/current/src/kept.php');
    const mended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(mended.code, mended.stderr).toBe(0);
    expect(await on('cat /srv/www/foobar.com/current/src/kept.php')).toBe('<?php // kept');
  });

  test('removes what interrupted runs have left, as every run does, reports it, and asks nothing if that is all', async () => {
    const left = [
      '/var/lib/foobar-provision/incoming/0a',
      '/srv/www/foobar.com/releases/.0b.filling',
      '/run/foobar-provision-read.4194305.a',
    ];
    const some = `mkdir -p ${left.join(' ')}; head -c 2000000 /dev/zero >${left[0]}/part; touch -d '1 hour ago' ${left[0]}`;
    await on(some);
    // A run that was killed when it had recorded everything, but not pruned the releases.
    const old = '/srv/www/foobar.com/releases/0d0d0d0d0d0d';
    await on(`mkdir ${old}; true >"$(ls -d /var/lib/foobar-provision/runs/* | tail -n 1)/unpruned"`);
    const looked = await cli(here.host, 'verify', [], { cwd: app });
    expect([looked.code, looked.stdout]).toEqual([0, expect.stringContaining('left something here (4 paths, 2.0 MB)')]);
    expect(await on(`ls -d ${left.join(' ')} | wc -l`)).toBe('3\n');
    const ended = await cli(here.host, 'apply', [], { cwd: app });
    expect([ended.code, named(ended, 'change'), ended.stderr]).toEqual([0, [], '']);
    expect(await on(`ls -d ${old} ${left.join(' ')} 2>/dev/null`)).toBe('');
  });

  test('from a git repository records the commit, which the list of releases shows', async () => {
    const git = (...words: readonly string[]) =>
      String(spawnSync('git', ['-C', join(app, 'app'), '-c', 'user.name=a', '-c', 'user.email=a@b', ...words]).stdout).trim();
    git('init', '--quiet', '-b', 'main');
    writeFileSync(join(app, 'app/public/index.php'), page('five'));
    git('add', '.');
    git('commit', '--quiet', '-m', 'five');
    const ended = await deploy('--source', `${join(app, 'app')}#main`);
    expect(ended.code, ended.stderr).toBe(0);
    expect(await visit()).toBe(`five ${idOf(ended)} odd`);
    const shown = await cli(here.host, 'releases', [], { cwd: app });
    const [live, previous, ...older] = named(shown, 'release');
    expect(live).toMatchObject({ id: idOf(ended), live: true, commit: git('rev-parse', 'HEAD'), ref: 'main', files: 8 });
    expect(previous).toMatchObject({ live: false, previous: true, source: 'app' });
    expect(older.map(({ previous: is }) => is)).toEqual(older.map(() => false));
  });

  /** Keep-alive clients of the site's page and of what it names, until `stop`: what they were answered, each once. */
  const visiting = (paths: readonly string[]) => {
    const agent = new Agent({ keepAlive: true });
    const answers = new Set<string>();
    let stopped = false;
    const { address } = here.host;
    const get = (path: string): Promise<string> =>
      new Promise((resolve) => {
        const asked = request({ host: address, path, agent, headers: { Host: 'www.foobar.com' } }, (found) => {
          text(found).then(
            (body) => resolve(`${found.statusCode} ${body}`),
            (error: unknown) => resolve(String(error)),
          );
        });
        // A server may close a connection that waits as the next request comes: every client asks anew then, at last over a new one.
        asked.once('error', (error) => resolve(asked.reusedSocket ? get(path) : String(error)));
        asked.end();
      });
    const visitor = async (path: string) => {
      while (!stopped) answers.add(await get(path));
    };
    const visitors = [...paths, ...paths].map(visitor);
    onTestFinished(() => {
      stopped = true;
    });
    return {
      stop: async () => {
        stopped = true;
        await Promise.all(visitors);
        agent.destroy();
        return [...answers].sort();
      },
    };
  };

  test('switches the docroot with the release, in both directions, without an error for visitors', async () => {
    const before = `200 ${await visit()}`;
    const visitors = visiting(['/', '/']);
    rmSync(join(app, 'app/public/index.php'));
    writeFileSync(join(app, 'app/index.php'), "<?php echo 'moved ', getenv('APP_RELEASE');");
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify({ ...config, app: { ...config.app, docroot: '.' } }));
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(0);
    const after = `200 moved ${idOf(ended)}`;
    expect(`200 ${await visit()}`).toBe(after);
    const back = await cli(here.host, 'rollback', [], { cwd: app });
    expect(back.code, back.stderr).toBe(0);
    expect(`200 ${await visit()}`).toBe(before);
    expect(await visitors.stop()).toEqual([before, after].sort());
  });

  test("switches nginx's rules with the release, in both directions, and a failed switch restores them", async () => {
    rmSync(join(app, 'app/index.php'));
    writeFileSync(join(app, 'app/public/index.php'), "<?php echo 'dynamic';");
    writeFileSync(join(app, 'app/public/data.json'), 'data');
    writeFileSync(join(app, 'app/public/old.css'), 'asset');
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify(config));
    const first = await deploy();
    expect(first.code, first.stderr).toBe(0);
    const rules = () => on('readlink /etc/nginx/foobar-rules/foobar.com/now');
    const serving = { dynamic: await rules(), static: '' };
    const visitors = visiting(['/', '/old.css', '/data.json']);
    mkdirSync(join(app, 'app/pages'));
    writeFileSync(join(app, 'app/pages/index.html'), 'pages');
    writeFileSync(join(app, 'app/pages/old.css'), 'asset');
    writeFileSync(join(app, 'app/pages/data.json'), 'data');
    writeFileSync(join(app, 'app/pages/x.php'), '<?php');
    const pages = {
      ...config,
      php: undefined,
      app: { ...config.app, docroot: 'pages', runtime: 'static', shared: ['public/up', 'pages/more'] },
    };
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify(pages));
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await visit()).toBe('pages');
    serving.static = await rules();
    expect(serving.static).not.toBe(serving.dynamic);
    expect((await cli(here.host, 'plan', [], { cwd: app })).code).toBe(0);
    const back = await cli(here.host, 'rollback', [], { cwd: app });
    expect(back.code, back.stderr).toBe(0);
    expect([await visit(), await rules()]).toEqual(['dynamic', serving.dynamic]);
    const planned = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(planned, 'change').map(({ resource }) => resource)).toContain('live:/srv/www/foobar.com/current');
    const again = await deploy();
    expect(again.code, again.stderr).toBe(0);
    const known = await on('ls /etc/nginx/foobar-rules/foobar.com');
    // A hook after the switch that fails takes all of it back.
    writeFileSync(
      join(app, 'foobar.config.json'),
      JSON.stringify({ ...config, app: { ...config.app, hooks: { after: ['exit 9'] } }, web: { cache: 2 } }),
    );
    writeFileSync(join(app, 'app/public/index.php'), "<?php echo 'never';");
    const failed = await deploy();
    expect(failed.code, failed.stdout).toBe(5);
    expect([await visit(), await rules()]).toEqual(['pages', serving.static]);
    expect(await on('ls /etc/nginx/foobar-rules/foobar.com; nginx -t -q && echo good')).toBe(`${known}good\n`);
    expect((await visitors.stop()).filter((answer) => answer !== '200 never')).toEqual([
      '200 asset',
      '200 data',
      '200 dynamic',
      '200 pages',
    ]);
  });

  test('shows no internal file, and answers every path of the application', async () => {
    rmSync(join(app, 'app/index.php'), { force: true });
    const packages = { 'vendor/autoload.php': '<?php echo "run";', 'vendor/composer/installed.json': '{}', 'vendor/pkg/app.css': 'css' };
    const published = {
      'public/vendor/pkg/app.css': 'css',
      'public/vendor/pkg/de.json': '{}',
      'public/.well-known/x.php': '<?php echo "run";',
    };
    const front = { 'index.php': '<?php echo "front";', 'public/index.php': '<?php echo "front";', 'public/notes.log': 'log' };
    for (const [path, content] of Object.entries({ ...packages, ...published, ...front })) {
      mkdirSync(dirname(join(app, 'app', path)), { recursive: true });
      writeFileSync(join(app, 'app', path), content);
    }
    const routes = ['/.well-known/webfinger', '/openapi.yaml', '/vendor/route', '/migrations/route', '/release.log'];
    const met = async (docroot: string, ...paths: readonly string[]) => {
      writeFileSync(join(app, 'foobar.config.json'), JSON.stringify({ ...config, app: { ...config.app, docroot } }));
      const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
      expect(ended.code, ended.stderr).toBe(0);
      const answers = [...paths, ...routes].map((path) => ask(here.host.address, 'www.foobar.com', path));
      return (await Promise.all(answers)).map((answer) => (answer?.status === 200 ? answer.body : answer?.status));
    };
    const fronts = routes.map(() => 'front');
    expect(await met('.', '/vendor/autoload.php', '/vendor/composer/installed.json', '/vendor/pkg/app.css')).toEqual([
      404,
      404,
      'css',
      ...fronts,
    ]);
    expect(await met('public', '/vendor/pkg/app.css', '/vendor/pkg/de.json', '/.well-known/x.php', '/notes.log')).toEqual([
      'css',
      '{}',
      404,
      404,
      ...fronts,
    ]);
  });
});
