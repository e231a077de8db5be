import { homedir, userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../src/transport/ssh-config.ts';
import { expandPath } from '../../src/transport/ssh-path.ts';
import { parseTarget } from '../../src/transport/target.ts';

const web = parseTarget('web');
const home = userInfo().homedir || homedir();

describe('parseSettings', () => {
  test('what ssh prints for an alias', () => {
    const text = [
      'user deploy',
      'hostname 192.0.2.7',
      'port 2222',
      'identitiesonly yes',
      'hashknownhosts yes',
      'stricthostkeychecking accept-new',
      'identityfile ~/.ssh/%h',
      'identityfile /keys/%r',
      'userknownhostsfile /u/one /u/two',
      'globalknownhostsfile /etc/ssh/ssh_known_hosts',
      'proxyjump jump.example,me@other:23',
      'hostkeyalias the-web',
      'connecttimeout 3',
      '',
    ].join('\n');
    expect(parseSettings(web, text, { SSH_AUTH_SOCK: '/agent' })).toEqual({
      name: 'web',
      hostname: '192.0.2.7',
      port: 2222,
      user: 'deploy',
      identityFiles: [`${home}/.ssh/192.0.2.7`, '/keys/deploy'],
      identitiesOnly: true,
      agent: '/agent',
      userKnownHosts: ['/u/one', '/u/two'],
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts'],
      hostKeyAlias: 'the-web',
      hashKnownHosts: true,
      strictHostKeyChecking: 'accept-new',
      proxyJump: ['jump.example', 'me@other:23'],
      connectTimeout: 3,
    });
  });

  test('an empty output gives the defaults', () => {
    expect(parseSettings(parseTarget('bob@web:23'), '', {})).toEqual({
      name: 'bob@web:23',
      hostname: 'web',
      port: 23,
      user: 'bob',
      identityFiles: [],
      identitiesOnly: false,
      userKnownHosts: [],
      globalKnownHosts: [],
      hashKnownHosts: false,
      strictHostKeyChecking: 'ask',
      proxyJump: [],
      connectTimeout: 10,
    });
  });

  test.each([
    ['', '/sock'],
    ['identityagent SSH_AUTH_SOCK', '/sock'],
    ['identityagent none', undefined],
    ['identityagent /other', '/other'],
    ['identityagent $MINE', '/mine'],
    ['identityagent ${MINE}', '/mine'],
  ])('the agent of %j', (text, agent) => {
    expect(parseSettings(web, text, { SSH_AUTH_SOCK: '/sock', MINE: '/mine' }).agent).toBe(agent);
  });

  test.each([
    ['true', 'yes'],
    ['yes', 'yes'],
    ['false', 'no'],
    ['off', 'no'],
    ['ask', 'ask'],
    ['accept-new', 'accept-new'],
  ])('StrictHostKeyChecking %s', (value, expected) => {
    expect(parseSettings(web, `stricthostkeychecking ${value}`).strictHostKeyChecking).toBe(expected);
  });

  test('"none" makes a list empty', () => {
    const { identityFiles, proxyJump, userKnownHosts, proxyCommand } = parseSettings(
      web,
      'identityfile none\nproxyjump none\nproxycommand none\nuserknownhostsfile none\nconnecttimeout none',
    );
    expect({ identityFiles, proxyJump, userKnownHosts, proxyCommand }).toEqual({ identityFiles: [], proxyJump: [], userKnownHosts: [] });
  });
});

test.each([
  ['~/x', `${home}/x`],
  ['%d/x', `${home}/x`],
  ['/a/%n-%h-%p-%r', '/a/web-web.example-22-bob'],
  ['/a/100%%', '/a/100%'],
  ['${DIR}/x', '/dir/x'],
  ['/a~b', '/a~b'],
])('the path %s', (path, expected) => {
  expect(expandPath(path, { name: 'web', hostname: 'web.example', port: 22, user: 'bob' }, { DIR: '/dir' })).toBe(expected);
});
