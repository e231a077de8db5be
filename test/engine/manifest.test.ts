import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { recordOf } from '../../src/engine/handler.ts';
import { emptyManifest, fingerprint, manifestOf, parseManifest } from '../../src/engine/manifest.ts';
import { Problem } from '../../src/error.ts';
import { directory, file, reload, secret, sh } from '../../src/index.ts';

const notify = reload('nginx', { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t` });
const wanted = [file('/etc/nginx/a', { content: 'a', notify }), directory('/srv', { holds: 'data' })].map((resource) => ({
  playbook: 'p',
  resource,
}));
const manifest = manifestOf('foobar.com', '1.2.3', wanted, new Map([['directory:/srv', undefined]]));

describe('the manifest', () => {
  test('records what is needed to remove the resources that it names', () => {
    expect(manifest).toEqual({
      schema: 1,
      name: 'foobar.com',
      version: '1.2.3',
      resources: {
        'file:/etc/nginx/a': {
          playbook: 'p',
          wanted: expect.stringMatching(/^[0-9a-f]{64}$/),
          notify: ['reload:nginx.service'],
          made: false,
        },
        'directory:/srv': {
          playbook: 'p',
          wanted: expect.stringMatching(/^[0-9a-f]{64}$/),
          remembered: { holds: 'data' },
          notify: [],
          made: true,
        },
      },
      handlers: { 'reload:nginx.service': recordOf(notify) },
    });
  });

  test.each([manifest, emptyManifest('x', '0')])('is the same after it was written and parsed', (each) => {
    expect(parseManifest(JSON.stringify(each), '/m.json')).toEqual(each);
  });

  // The forms that hosts have on record, and one that a version with another runtime writes.
  test.each([
    { php: 1, python: 2, queues: 3 },
    { php: 1, python: 2, node: 4, queues: 3 },
  ])('records the demand of a configuration: %o', (demand) => {
    const about = {
      name: 'foobar.com',
      decides: true,
      timezone: 'Etc/UTC',
      locale: 'C.UTF-8',
      demand,
      shared: demand,
      domains: ['foobar.com'],
      names: ['www.foobar.com', 'foobar.com'],
      secure: [],
    };
    expect(parseManifest(JSON.stringify({ ...manifest, about }), '/m.json').about).toEqual(about);
  });

  test('a fingerprint depends on the desired attributes, and not on secrets', () => {
    expect(fingerprint(file('/a', { content: 'a' }))).toBe(fingerprint(file('/b', { content: 'a', notify })));
    expect(fingerprint(file('/a', { content: 'a' }))).not.toBe(fingerprint(file('/a', { content: 'a', mode: '0600' })));
    expect(fingerprint(secret('a', { value: new Secret('x') }))).toBe(fingerprint(secret('a', { value: new Secret('y') })));
  });
});

describe('a damaged manifest', () => {
  const text = JSON.stringify(manifest);

  test.each([
    ['empty', ''],
    ['cut short', text.slice(0, -9)],
    ['no object', '[]'],
    ['null', 'null'],
    ['of another schema', text.replace('"schema":1', '"schema":2')],
    ['with an invalid entry', text.replace('"made":true', '"made":"yes"')],
    ['with an invalid handler', text.replace('"kind":"command"', '"kind":"rm"')],
    ['with an invalid demand', text.replace('"resources"', '"about":{"name":"x","demand":{"php":"1","queues":0}},"resources"')],
    ['without its resources', '{"schema":1,"name":"x","version":"0"}'],
  ])('%s is a problem that names the file and says what to do', (_, damaged) => {
    try {
      parseManifest(damaged, '/var/lib/m.json');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
      expect(error).toMatchObject({
        exit: 1,
        message: expect.stringContaining('/var/lib/m.json'),
        details: { hint: expect.stringContaining('backup') },
      });
    }
  });

  test('anything is a manifest or a problem', () => {
    const broken = fc.tuple(fc.nat(text.length), fc.nat(20), fc.oneof(fc.string(), fc.json({ maxDepth: 2 })));
    fc.assert(
      fc.property(broken, ([at, length, other]) => {
        try {
          expect(parseManifest(text.slice(0, at) + other + text.slice(at + length), '/m.json').schema).toBe(1);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 500 },
    );
  });
});
