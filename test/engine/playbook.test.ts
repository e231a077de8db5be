import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { checksOf, gather } from '../../src/engine/playbook.ts';
import { Problem } from '../../src/error.ts';
import { appCheck, definePlaybook, file, packages, reload, restart, sh, tcpCheck } from '../../src/index.ts';
import { config } from '../playbooks/configs.ts';
import { trixie } from '../playbooks/hosts.ts';
import { viewOf } from '../playbooks/view.ts';

const one: Config = config({ domain: 'one.test' });
const two: Config = config({ domain: 'one.test' }, { domain: 'two.test' });
const first = reload('first');
const second = restart('second');

describe('gather', () => {
  test('calls every playbook for every site, in order', () => {
    const playbook = definePlaybook({ name: 'p', resources: ({ site }) => [file(`/etc/${site.domain}`, { content: '' })] });
    const other = definePlaybook({ name: 'q', resources: ({ site }) => packages(`q-${site.domain}`) });
    expect(gather([playbook, other], viewOf(two, trixie)).map(({ playbook: by, resource }) => `${by} ${resource.id}`)).toEqual([
      'p /etc/one.test',
      'p /etc/two.test',
      'q q-one.test',
      'q q-two.test',
    ]);
  });

  test('a resource of two playbooks belongs to the first, with the handlers of both', () => {
    const wants = (name: string, notify: typeof first) =>
      definePlaybook({ name, resources: () => [file('/etc/x', { content: 'a', notify: [notify] })] });
    const all = gather([wants('p', first), wants('q', second), wants('r', first)], viewOf(two, trixie));
    expect(all).toEqual([{ playbook: 'p', resource: file('/etc/x', { content: 'a', notify: [first, second] }) }]);
  });

  test.each([
    ['both list', two, () => '/etc/x', [undefined]],
    [
      'one of two lists',
      two,
      ({ site }: { site: { domain: string } }) => (site.domain === 'two.test' ? '/etc/x' : undefined),
      ['two.test'],
    ],
    ['each lists under a separate name', two, ({ site }: { site: { domain: string } }) => `/etc/${site.domain}`, ['one.test', 'two.test']],
    ['the only site lists', one, () => '/etc/x', [undefined]],
  ] as const)('names the site of what only one of several has: what %s', (_, given, pathOf, sites) => {
    const playbook = definePlaybook({
      name: 'p',
      resources: (scope) => {
        const path = pathOf(scope);
        return path === undefined ? [] : [file(path, { content: '' })];
      },
    });
    expect(gather([playbook], viewOf(given, trixie)).map(({ site }) => site)).toEqual(sites);
  });

  test('a handler without a checker has the one that another playbook names for its unit', () => {
    const checker = { name: 'first -t', roots: ['/etc/first'], command: sh`first -t` };
    const wants = (name: string, path: string, notify: typeof first) =>
      definePlaybook({ name, resources: () => [file(path, { content: 'a', notify })] });
    const all = gather(
      [wants('p', '/etc/first/p', reload('first', checker)), wants('own', '/etc/first/q', first), wants('r', '/etc/second', second)],
      viewOf(one, trixie),
    );
    expect(all.map(({ resource }) => resource.notify)).toEqual([[reload('first', checker)], [reload('first', checker)], [second]]);
  });

  test('the same identity is another resource in another kind', () => {
    const playbook = definePlaybook({ name: 'p', resources: () => [...packages('nginx'), file('/nginx', { content: '' })] });
    expect(gather([playbook], viewOf(one, trixie))).toHaveLength(2);
  });

  test('two that disagree are a problem that names both', () => {
    const wants = (name: string, content: string) => definePlaybook({ name, resources: () => [file('/etc/x', { content })] });
    const disagree = () => gather([wants('p', 'a'), wants('q', 'b')], viewOf(one, trixie));
    expect(disagree).toThrow(Problem);
    expect(disagree).toThrow('The playbooks "p" and "q" define file:/etc/x differently.');
  });
});

describe('checksOf', () => {
  test('an identical check of two sites runs once', () => {
    const playbook = definePlaybook({
      name: 'p',
      resources: () => [],
      health: ({ site }) => [tcpCheck({ port: 80 }), appCheck({ port: 80, host: site.domain, path: '/', status: 200 })],
    });
    expect(checksOf([playbook, playbook], viewOf(two, trixie)).map((check) => ('host' in check ? check.host : check.hop))).toEqual([
      'tcp',
      'one.test',
      'two.test',
    ]);
    expect(checksOf([playbook], viewOf(two, trixie)).map(({ site }) => site)).toEqual([undefined, 'one.test', 'two.test']);
    expect(checksOf([playbook], viewOf(one, trixie)).map(({ site }) => site)).toEqual([undefined, undefined]);
  });
});
