import { describe, expect, test } from 'vitest';
import { definePlaybook, tcpCheck } from '../../src/index.ts';
import { isInMaintenance } from '../../src/operations/in-maintenance.ts';
import { type MaintenanceRequest, maintenance } from '../../src/operations/maintenance.ts';
import { verify } from '../../src/operations/verify.ts';
import { outcomeOf, type Scenario } from './scenario.ts';

const playbooks = [definePlaybook({ name: 'app', resources: () => [] })];
const closed = '\n#facts observed nginx foobar.com\nmaintenance\n';
const switched = (request: Partial<MaintenanceRequest>, scenario: Scenario) =>
  outcomeOf({ playbooks, ...scenario }, (fleet, context) => maintenance({ on: true, allowed: [], ...request }, fleet, context));

test('on writes who is served and the rule for the others, and says how to end it', async () => {
  let script = '';
  const answer = (text: string) => {
    script = text;
    return '';
  };
  expect(await switched({ allowed: ['203.0.113.0/24'] }, { more: [[/begin_maintenance foobar\.com/, answer]] })).toMatchObject({
    result: { ok: true, changed: 1, exitCode: 0 },
    told: [
      'note: foobar.com is in maintenance: visitors get 503, except those from 203.0.113.0/24. `foobar-provision maintenance off` ends it.',
    ],
  });
  expect(script).toContain('\n    203.0.113.0/24 open;\n');
  expect(script).toContain('add_header Retry-After 600 always;');
});

test('off removes both, and does nothing if the site is served', async () => {
  expect(await switched({ on: false }, { survey: [closed], more: [[/end_maintenance foobar\.com$/, '']] })).toMatchObject({
    result: { changed: 1 },
    told: ['note: foobar.com is served as before.'],
  });
  expect(await switched({ on: false }, {})).toMatchObject({ result: { changed: 0 }, told: ['note: foobar.com is not in maintenance.'] });
});

describe('a problem is', () => {
  test.each(['nonsense', '203.0.113.7/33', '::1/64/2', '1.2.3.4;', '10.0.0.0/x'])('the address %s', async (address) => {
    expect((await switched({ allowed: [address] }, {})).result).toMatchObject({ message: `"${address}" is not an address.` });
  });

  test.each<readonly [number, string]>([
    [4, 'foobar.com has not been provisioned on host.test yet.'],
    [1, 'Nginx on host.test did not accept the change, so nothing has changed.'],
  ])('code %d', async (code, message) => {
    const answer = { code, stderr: 'nginx: [emerg] unknown directive' };
    expect((await switched({}, { more: [[/begin_maintenance/, answer]] })).result).toMatchObject({ message });
  });
});

test('every command learns from the survey that a site is in maintenance', async () => {
  const checking = definePlaybook({ name: 'app', resources: () => [], health: () => [tcpCheck({ port: 80 })] });
  const known: boolean[] = [];
  await outcomeOf({ playbooks: [checking], survey: [closed] }, async (fleet, context) => {
    const [session] = fleet;
    if (session) known.push(isInMaintenance(session.survey, 'foobar.com'), isInMaintenance(session.survey, 'other.test'));
    return verify(fleet, context);
  });
  expect(known).toEqual([true, false]);
});
