import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reveal } from '../../src/command/secret.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { emptyManifest, manifestOf, type Remembered } from '../../src/engine/manifest.ts';
import { peersOf } from '../../src/engine/peers.ts';
import type { Playbook } from '../../src/engine/playbook.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { forgetLists, parseSurvey, planFor, surveyScript } from '../../src/engine/survey.ts';
import { Problem } from '../../src/error.ts';
import { definePlaybook, file } from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { config } from '../playbooks/configs.ts';
import { recordingTransport } from '../transport/recording.ts';

const host = hostWithEveryRole('host.test');

const facts = readFileSync(new URL('../facts/recorded/trixie-bare.txt', import.meta.url), 'utf8');
const wanted = [{ playbook: 'p', resource: file('/etc/x', { content: 'x' }) }];
const [ours, cut, other] = ['foobar.com', 'foobar.com', 'other.test'].map(
  (name) => `${JSON.stringify(manifestOf(name, '1', wanted, new Map()))}\n`,
);
const section = (name: string, text: string) => `\n#facts ${name}\n${text}`;
const answer = (...sections: readonly string[]) => ({ stdout: facts + sections.join(''), stderr: '', code: 0 });

describe('a survey', () => {
  test('of a host without any run', () => {
    const survey = parseSurvey(
      answer(section('base', 'none'), section('last', ''), section('owed', ''), section('active', '')),
      'foobar.com',
    );
    expect(survey).toMatchObject({ remembered: { others: [], pendingHandlers: [] }, base: 'none', facts: { version: '13' } });
    expect([
      survey.remembered.manifest,
      survey.remembered.pending,
      survey.active,
      survey.interruptedRun,
      survey.secret('foobar.com.database'),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  test('of a host with an interrupted run, a running one, and other configurations', () => {
    const survey = parseSurvey(
      answer(
        section('base', 'abc123'),
        section('manifest foobar.com.json', `${ours}`),
        section('manifest foobar.com.pending.json', `${cut}`),
        section('manifest other.test.json', `${other}`),
        section('last', '20260101-abc\tservice:nginx.service\n'),
        section('owed', 'reload:nginx.service\nrestart:mysql.service\n'),
        section('active', 'foobar-provision-run-20260102-def.service loaded active running foobar-provision, run 20260102-def\n'),
        section('secret foobar.com.database', 'hunter2'),
      ),
      'foobar.com',
    );
    expect(survey).toMatchObject({
      remembered: {
        manifest: { name: 'foobar.com' },
        pending: { name: 'foobar.com' },
        others: [{ name: 'other.test' }],
        pendingHandlers: ['reload:nginx.service', 'restart:mysql.service'],
      },
      base: 'abc123',
      active: { kind: 'run', id: '20260102-def' },
      interruptedRun: { id: '20260101-abc', step: 'service:nginx.service' },
    });
    const secret = survey.secret('foobar.com.database');
    expect(secret && reveal(secret)).toBe('hunter2');
    expect(JSON.stringify(survey)).not.toContain('hunter2');
  });

  test('of a damaged manifest is a problem that names the file', () => {
    const damaged = answer(section('manifest foobar.com.json', '{'));
    expect(() => parseSurvey(damaged, 'foobar.com')).toThrow('/var/lib/foobar-provision/manifests/foobar.com.json');
  });

  test.each(['', 'Welcome!\n', "'uname' is not recognized as an internal or external command"])(
    'of a host that is not Linux is a problem: %j',
    (stdout) => {
      expect(() => parseSurvey({ stdout, stderr: 'sh: not found', code: 1 }, 'foobar.com')).toThrow(Problem);
    },
  );

  test('requests the facts that the playbooks need, each once, and every site’s password', () => {
    const asking = definePlaybook({
      name: 'p',
      packages: () => ['nginx', 'php-fpm'],
      secrets: ({ site }) => [`${site.domain}.database`, 'host.token'],
      resources: () => [],
    });
    const script = surveyScript(config({}, { domain: 'two.test' }), host, [asking, asking]).text;
    expect(/^read_packages ('[^']*')/m.exec(script)?.[1]).toBe("'nginx php-fpm'");
    expect(script).toMatch(/^read_secrets foobar\.com\.database host\.token two\.test\.database$/m);
  });
});

describe('a plan', () => {
  const playbook = definePlaybook({ name: 'p', resources: () => [file('/etc/x', { content: 'x' }), file('/etc/y', { content: '' })] });
  const survey = parseSurvey(answer(), 'foobar.com');
  const options = { version: '1', host, peers: peersOf(host, []), playbooks: [playbook], kinds, allowDestroy: false };

  test('takes one round trip, whatever it reads', async () => {
    const there = '0644\troot\troot\tregular file\t/etc/y\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /etc/y\n';
    const transport = recordingTransport([[/#read/, `\n#read file\n${there}`]]);
    const plan = await planFor(transport.script, config(), survey, options);
    expect(plan.changes.map(({ resource }) => nameOf(resource))).toEqual(['file:/etc/x']);
    expect(plan.checked).toBe(2);
    expect(transport.roundTrips).toBe(1);
  });

  test('also reads resources of earlier runs that are no longer desired', async () => {
    const remembered = {
      manifest: {
        ...emptyManifest('foobar.com', '1'),
        ...manifestOf(
          'foobar.com',
          '1',
          [{ playbook: 'q', resource: file('/etc/old', { content: '' }) }],
          new Map([['file:/etc/old', undefined]]),
        ),
      },
      others: [],
      pendingHandlers: [],
    };
    const transport = recordingTransport([[/\/etc\/old/, '\n#read file\n0644\troot\troot\tregular file\t/etc/old\n']]);
    const plan = await planFor(transport.script, config(), { ...survey, remembered }, { ...options, playbooks: [] });
    expect(plan.changes).toMatchObject([{ resource: { kind: 'file', id: '/etc/old' }, action: 'remove', playbook: 'q' }]);
  });

  describe('of a resource that an earlier run created and a playbook forgets', () => {
    const zone = file('/etc/timezone', { content: 'Etc/UTC' });
    const record = manifestOf('foobar.com', '1', [{ playbook: 'base', resource: zone }], new Map([['file:/etc/timezone', undefined]]));
    const there = '\n#read file\n0644\troot\troot\tregular file\t/etc/timezone\n';
    const base = (...resources: readonly Resource[]) =>
      definePlaybook({ name: 'base', forgets: [{ kind: 'file', id: '/etc/timezone' }], resources: () => resources });
    const planned = async (record: Partial<Remembered>, ...playbooks: readonly Playbook[]) => {
      const remembered = { others: [], pendingHandlers: [], ...record };
      const { changes, manifest } = await planFor(
        recordingTransport([[/./, there]]).script,
        config(),
        { ...survey, remembered },
        {
          ...options,
          playbooks,
        },
      );
      return [changes.map(({ action, resource }) => `${action} ${nameOf(resource)}`), Object.keys(manifest.resources)];
    };

    test.each<readonly [string, Partial<Remembered>, readonly Playbook[], readonly string[], readonly string[]]>([
      ['stays if it is no longer listed, and only its record is removed', { manifest: record }, [base()], [], []],
      ['stays if the run that created it was interrupted', { pending: record }, [base()], [], []],
      ['is managed while it is listed', { manifest: record }, [base(zone)], ['update file:/etc/timezone'], ['file:/etc/timezone']],
      ['is removed with the whole configuration', { manifest: record }, [], ['remove file:/etc/timezone'], []],
    ])('%s', async (_, remembered, playbooks, changes, recorded) => {
      expect(await planned(remembered, ...playbooks)).toEqual([changes, recorded]);
    });
  });

  test('removes package lists that were fetched for it', async () => {
    const transport = recordingTransport([[/^rm/, '']]);
    await forgetLists(transport, survey);
    await forgetLists(transport, {});
    expect(transport.calls).toEqual([{ kind: 'script', text: 'rm -rf -- /var/tmp/foobar-provision-lists.AbCdEf' }]);
  });
});
