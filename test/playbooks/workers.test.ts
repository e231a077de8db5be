import { describe, expect, test } from 'vitest';
import workers from '../../playbooks/application/background-jobs.ts';
import app from '../../playbooks/application/release.ts';
import { php } from '../../playbooks/runtimes/php/php.ts';
import { python as runtime } from '../../playbooks/runtimes/python/python.ts';
import { gather } from '../../src/engine/playbook.ts';
import type { Config, Facts } from '../../src/index.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf, viewOf } from './view.ts';

const busy = config({
  more: {
    workers: { queue: { command: 'php artisan queue:work --name="a b" 100%', count: 2 } },
    cron: { tidy: { command: 'php artisan schedule:run >> $HOME/log', calendar: ['*:0/5'] } },
  },
});
const queue = ['restart:foobar.com-queue@1.service', 'restart:foobar.com-queue@2.service'].map((id) => `=> ${id}`).join(' ');
const timer = '=> restart:foobar.com-tidy.timer';

describe('background jobs of a site', () => {
  test('are a unit for each worker, and a timer for each scheduled command', () => {
    expect(list(workers, busy, trixie)).toEqual([
      `file:/etc/systemd/system/foobar.com-queue@.service 0644 ${queue}`,
      'service:foobar.com-queue@1.service running enabled',
      'service:foobar.com-queue@2.service running enabled',
      `file:/etc/systemd/system/foobar.com-tidy.service 0644 ${timer}`,
      `file:/etc/systemd/system/foobar.com-tidy.timer 0644 ${timer}`,
      'service:foobar.com-tidy.timer running enabled',
    ]);
    expect(list(workers, config(), trixie)).toEqual([]);
  });

  test('run at each of their events', () => {
    const both = config({ more: { cron: { tidy: { command: 'true', calendar: ['*-*-13 00:00', 'Fri 00:00'] } } } });
    const timer = contentOf(workers, both, trixie, '/etc/systemd/system/foobar.com-tidy.timer');
    expect(timer).toContain('Description=tidy of foobar.com, *-*-13 00:00 and Fri 00:00\n');
    expect(timer).toContain('[Timer]\nOnCalendar=*-*-13 00:00\nOnCalendar=Fri 00:00\n');
  });

  test('have an environment file of their own if only files are served', () => {
    const files = config({
      runtime: 'static',
      app: { env: { MODE: 'live' }, hooks: { before: ['make pages'], after: [] } },
      more: { workers: { node: { command: 'node server.js', count: 1 } } },
    });
    const environment = '/etc/foobar-provision/instances/foobar.com/environment';
    expect(contentOf(app, files, trixie, environment)).toContain('MODE="live"');
    expect(contentOf(workers, files, trixie, '/etc/systemd/system/foobar.com-node@.service')).toContain(`EnvironmentFile=${environment}\n`);
    const [live] = gather([app], viewOf(files, trixie)).flatMap(({ resource }) => (resource.kind === 'live' ? [resource] : []));
    expect(live?.attributes).toMatchObject({ hooks: { environment, before: ['make pages'] } });
    expect(list(app, config({ runtime: 'static' }), trixie).join()).not.toContain(environment);
  });

  test('restart with each release', () => {
    expect(list(app, busy, trixie).find((line) => line.startsWith('live:'))).toMatch(new RegExp(`${queue}$`));
  });

  test('have the environment of the instance, and their commands as they were written', () => {
    const { environment } = php.instance(scopeOf(busy), trixie);
    const unit = contentOf(workers, busy, trixie, '/etc/systemd/system/foobar.com-queue@.service');
    expect(unit).toContain(`EnvironmentFile=${environment}\n`);
    expect(unit).toContain('ExecStart=/bin/sh -c "php artisan queue:work --name=\\"a b\\" 100%%"\n');
    expect(contentOf(workers, busy, trixie, '/etc/systemd/system/foobar.com-tidy.service')).toContain('>> $$HOME/log"\n');
  });
});

describe('the hardening of a site’s programs', () => {
  const { host } = config();
  const bounding = (text: string) => /^CapabilityBoundingSet=.*$/m.exec(text)?.[0];
  const exim = { ...trixie, packages: { ...trixie.packages, 'exim4-base': { installed: '4.98-1' } } };
  const mail = 'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN';

  test.each<[string, Config, Facts, string | undefined]>([
    ['a host without mail', busy, trixie, mail],
    ['a host with Exim', busy, exim, `${mail} CAP_DAC_OVERRIDE CAP_FOWNER`],
    ['a host that is to get Exim', { ...busy, packages: ['exim4-daemon-light'] }, trixie, `${mail} CAP_DAC_OVERRIDE CAP_FOWNER`],
    ['a host without hardening', { ...busy, host: { ...host, hardening: false } }, trixie, undefined],
  ])('on %s', (_, wanted, facts, expected) => {
    const unit = contentOf(workers, wanted, facts, '/etc/systemd/system/foobar.com-queue@.service');
    expect(bounding(unit)).toBe(expected);
    expect(unit.includes('ProtectSystem=strict')).toBe(expected !== undefined);
    expect(JSON.stringify(php.instance(scopeOf(wanted), facts)).includes('CAP_DAC_OVERRIDE')).toBe(
      expected?.includes('CAP_DAC_OVERRIDE') === true,
    );
  });

  test('a folder that the owner makes writable is not hidden', () => {
    const [site] = busy.sites;
    const open = { ...busy, sites: [{ ...site, app: { ...site.app, elsewhere: ['/mnt/media', '/var/log/nginx'] } }] } as const;
    const unit = contentOf(workers, open, trixie, '/etc/systemd/system/foobar.com-queue@.service');
    expect(unit).toContain(
      'ReadWritePaths=/srv/www/foobar.com/shared /srv/www/foobar.com/sessions /var/log/php/foobar.com /mnt/media /var/log/nginx\n',
    );
    expect(unit).toContain(
      'InaccessiblePaths=-/etc/foobar-provision/secrets -/var/lib/foobar-provision -/etc/nginx -/etc/systemd/system -/run/dbus\n',
    );
  });
});

describe('python', () => {
  const wanted = config({ runtime: 'python', python: { module: 'shop.wsgi:application', packages: ['python3-flask'] } });
  const instance = runtime.instance(scopeOf(wanted), trixie);
  const own = `/etc/foobar-provision/instances/foobar.com/${instance.id}`;
  const unit = `python-foobar.com-${instance.id}`;

  test('needs Gunicorn and the packages that the application imports', () => {
    expect(list(runtime.playbook, wanted, trixie)).toEqual(['package:gunicorn', 'package:python3-flask']);
    expect(list(runtime.playbook, config(), trixie)).toEqual([]);
  });

  test('starts its socket before its service', () => {
    expect(list(app, wanted, trixie).filter((line) => line.startsWith('service:'))).toEqual([
      `service:${unit}@0123456789ab.socket running enabled from ${own}/${unit}@.socket`,
      `service:${unit}@0123456789ab.service running enabled from ${own}/${unit}@.service`,
    ]);
    expect(contentOf(app, wanted, trixie, `${own}/${unit}@.service`)).toMatch(/^ExecStart=.* shop\.wsgi:application$/m);
  });

  test('has a unit for each release, with the same configuration', () => {
    const next = config({
      runtime: 'python',
      python: { module: 'shop.wsgi:application', packages: ['python3-flask'] },
      source: { digest: 'f'.repeat(64) },
    });
    expect(runtime.instance(scopeOf(next), trixie)).toMatchObject({ id: instance.id, unit: `${unit}@ffffffffffff.service` });
  });

  test.each([
    ['.', '/. @application'],
    ['static', '$uri @application'],
  ])('the files that are served of %s', (docroot, tries) => {
    expect(runtime.nginx(config({ runtime: 'python', source: { docroot } }).sites[0], '/served').tries).toBe(tries);
  });
});
