import { describe, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { handlerId } from '../../src/engine/handler.ts';
import { reload, restart, service, serviceKind } from '../../src/resources/service.ts';
import { changes, gone, reading } from './table.ts';

const nginx = service('nginx', { running: true, enabled: true });
const state = (load: string, active: string, file: string, names = 'nginx.service') =>
  `Id=nginx.service\nNames=${names}\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`;
const enable = 'systemctl is-enabled --quiet nginx.service 2>/dev/null || systemctl enable --quiet nginx.service';
const disable = 'systemctl disable --quiet nginx.service';

const unwanted = service('nginx', { running: false, enabled: false, broughtBy: 'nginx-common' });

describe('service', () => {
  test.each([
    ['runs and is enabled', nginx, state('loaded', 'active', 'enabled'), []],
    ['is reloading', nginx, state('loaded', 'reloading', 'enabled'), []],
    ['is static', nginx, state('loaded', 'active', 'static'), []],
    [
      'is desired under another of its names',
      service('web', { running: true, enabled: true }),
      state('loaded', 'active', 'enabled', 'nginx.service web.service'),
      [],
    ],
    [
      'is stopped',
      nginx,
      state('loaded', 'inactive', 'enabled'),
      [
        {
          action: 'update',
          summary: 'start',
          apply: 'systemctl start nginx.service',
          undo: 'systemctl stop nginx.service || ! systemctl is-active --quiet nginx.service',
          effects: [{ kind: 'starts', unit: 'nginx.service' }],
        },
      ],
    ],
    [
      'has failed',
      nginx,
      state('loaded', 'failed', 'enabled'),
      [expect.objectContaining({ summary: 'start', effects: [{ kind: 'starts', unit: 'nginx.service' }] })],
    ],
    ['is disabled', nginx, state('loaded', 'active', 'disabled'), [{ action: 'update', summary: 'enable', apply: enable, undo: disable }]],
    [
      'is masked',
      nginx,
      state('masked', 'inactive', 'masked'),
      [
        {
          action: 'update',
          summary: 'unmask, enable, start',
          apply: `systemctl unmask nginx.service; systemctl unmask --runtime nginx.service\n${enable}\nsystemctl start nginx.service`,
          undo: `systemctl stop nginx.service || ! systemctl is-active --quiet nginx.service\n${disable}\nsystemctl mask nginx.service`,
          effects: [{ kind: 'starts', unit: 'nginx.service' }],
        },
      ],
    ],
    [
      'is not installed yet',
      nginx,
      state('not-found', 'inactive', ''),
      [expect.objectContaining({ action: 'create', summary: 'enable, start', effects: [{ kind: 'starts', unit: 'nginx.service' }] })],
    ],
    ['is missing in the output', nginx, '', [expect.objectContaining({ action: 'create', summary: 'enable, start' })]],
    [
      'is to stop',
      service('nginx', { running: false, enabled: false }),
      state('loaded', 'active', 'enabled'),
      [
        {
          action: 'update',
          summary: 'stop, disable',
          apply: `systemctl stop nginx.service\n${disable}`,
          undo: 'systemctl enable --quiet nginx.service\nsystemctl start nginx.service',
          effects: [{ kind: 'stops', unit: 'nginx.service' }],
        },
      ],
    ],
    [
      'has its file elsewhere',
      service('nginx', { running: true, enabled: true, path: '/etc/x/nginx.service' }),
      state('not-found', 'inactive', ''),
      [
        {
          action: 'create',
          summary: 'enable, start',
          apply: `${enable.replace(/nginx.service$/, '/etc/x/nginx.service')}\nsystemctl start nginx.service`,
          undo: `systemctl stop nginx.service || ! systemctl is-active --quiet nginx.service\n${disable}`,
          effects: [{ kind: 'starts', unit: 'nginx.service' }],
        },
      ],
    ],
    [
      'had its file elsewhere, and is no longer desired',
      gone(serviceKind, 'nginx.service', { path: '/etc/x/nginx.service' }),
      state('loaded', 'active', 'enabled'),
      [expect.objectContaining({ undo: 'systemctl enable --quiet /etc/x/nginx.service\nsystemctl start nginx.service' })],
    ],
    [
      'is installed by a package of this run, and must not run',
      unwanted,
      state('not-found', 'inactive', ''),
      [
        {
          action: 'update',
          summary: 'keep stopped and disabled',
          apply: 'systemctl disable --quiet --now nginx.service',
          undo: ':',
          effects: [{ kind: 'stops', unit: 'nginx.service' }],
        },
      ],
    ],
    [
      'was unpacked by an interrupted run, and its package will start it',
      unwanted,
      `${state('loaded', 'inactive', 'disabled')}\ncoming\tnginx.service\n`,
      [expect.objectContaining({ summary: 'keep stopped and disabled', effects: [{ kind: 'stops', unit: 'nginx.service' }] })],
    ],
    ['came with a package of ours, and does not run', unwanted, state('loaded', 'inactive', 'disabled'), []],
    [
      'came with a package of ours, and runs',
      unwanted,
      state('loaded', 'active', 'enabled'),
      [expect.objectContaining({ summary: 'stop, disable' })],
    ],
    ['was installed before any run', unwanted, `${state('loaded', 'active', 'enabled')}\ntheirs\tnginx.service\n`, []],
    ['was removed with its package', gone(serviceKind, 'nginx.service'), state('not-found', 'inactive', ''), []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(serviceKind, resource, output)).toEqual(expected);
  });

  test('one process reads them all', () => {
    expect(reading(serviceKind, nginx, service('swapfile.swap', { running: true, enabled: true }))).toBe(
      'systemctl show --property=Id,Names,LoadState,ActiveState,UnitFileState,DropInPaths nginx.service swapfile.swap',
    );
  });
});

describe('handlers', () => {
  const checker = { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t` };
  test.each([
    [
      reload('nginx', checker),
      { verb: 'reload', summary: 'reload nginx', command: sh`systemctl try-reload-or-restart nginx.service`, checker },
    ],
    [restart('nginx'), { verb: 'restart', summary: 'restart nginx', command: sh`systemctl try-restart nginx.service` }],
  ])('$verb', (handler, expected) => {
    expect(handler).toEqual({ ...expected, unit: 'nginx.service' });
    expect(handlerId(handler)).toBe(`${expected.verb}:nginx.service`);
  });
});

describe('an instance of a template, which serves one release', () => {
  const unit = 'php-foobar.com-1@aaa.service';
  const file = '/etc/instances/foobar.com/1/php-foobar.com-1@.service';
  const its = service(unit, { running: true, enabled: true, path: file });
  const socket = service('py-1@aaa.socket', {
    running: true,
    enabled: true,
    path: '/etc/1/py-1@.socket',
    activates: '/etc/1/py-1@.service',
  });
  const is = (active: string, enabled: string, name = unit) =>
    `Id=${name}\nNames=${name}\nLoadState=loaded\nActiveState=${active}\nUnitFileState=enabled\n${enabled === 'enabled' ? `enabled\t${name}\n` : ''}`;
  const enable = `enable_instance ${unit} ${file}`;
  const start = `systemctl start ${unit}`;
  const stop = `systemctl stop ${unit} || ! systemctl is-active --quiet ${unit}`;
  const disable = `disable_instance ${unit} ${file}`;
  const starts = [{ kind: 'starts', unit }];
  const left = gone(serviceKind, unit, { path: file });
  const leave = { action: 'update', apply: `leave_instance ${unit} ${file}`, effects: [{ kind: 'stops', unit }] };

  test.each([
    ['answers', its, is('active', 'enabled'), []],
    [
      'is new',
      its,
      is('inactive', 'disabled'),
      [{ action: 'create', summary: 'enable, start', apply: `${enable}\n${start}`, undo: `${stop}\n${disable}`, effects: starts }],
    ],
    [
      'stopped being live a moment ago and still runs',
      its,
      is('active', 'disabled'),
      [{ action: 'create', summary: 'enable', apply: enable, undo: disable }],
    ],
    ['is down', its, is('failed', 'enabled'), [{ action: 'update', summary: 'start', apply: start, undo: stop, effects: starts }]],
    [
      'starts another',
      socket,
      is('inactive', 'disabled', 'py-1@aaa.socket'),
      [
        {
          action: 'create',
          summary: 'enable, start',
          apply: 'enable_instance py-1@aaa.socket /etc/1/py-1@.socket /etc/1/py-1@.service\nsystemctl start py-1@aaa.socket',
          undo: 'systemctl stop py-1@aaa.socket || ! systemctl is-active --quiet py-1@aaa.socket\ndisable_instance py-1@aaa.socket /etc/1/py-1@.socket /etc/1/py-1@.service',
          effects: [{ kind: 'starts', unit: 'py-1@aaa.socket' }],
        },
      ],
    ],
    [
      'served a release that is no longer live',
      left,
      is('active', 'enabled'),
      [{ ...leave, summary: 'stop when its last requests have ended', undo: `${enable}\n${start}` }],
    ],
    ['is only enabled, and to be removed', left, is('inactive', 'enabled'), [{ ...leave, summary: 'disable', undo: enable }]],
    ['has gone', left, is('inactive', 'disabled'), []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(serviceKind, resource, output)).toEqual(expected);
  });

  test('is read together with its link, which systemd does not read again while the unit runs', () => {
    expect(reading(serviceKind, its, socket)).toBe(
      `systemctl show --property=Id,Names,LoadState,ActiveState,UnitFileState,DropInPaths ${unit} py-1@aaa.socket\n` +
        `find /etc/systemd/system/multi-user.target.wants/${unit} /etc/systemd/system/sockets.target.wants/py-1@aaa.socket -maxdepth 0 -printf 'enabled\t%f\n' 2>/dev/null`,
    );
  });
});
