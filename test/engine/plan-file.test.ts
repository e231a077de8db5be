import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { parseSavedPlan, requireSame, savePlan } from '../../src/engine/plan-file.ts';
import { Problem } from '../../src/error.ts';
import { file, packages, reload, secret } from '../../src/index.ts';
import { planOf } from './plans.ts';

const a = file('/etc/a', { content: 'a', notify: reload('nginx') });
const b = file('/etc/b', { content: 'b' });
const kept = secret('db', { value: new Secret('hunter2') });
const plan = planOf({ p: [...packages('nginx'), a, kept] });
const text = savePlan('web', 'nonenone', plan);

describe('a saved plan', () => {
  test('is accepted if the plan is still the same', () => {
    expect(() => requireSame(parseSavedPlan(text, 'x.plan'), 'web', 'nonenone', plan)).not.toThrow();
  });

  test('contains no secret', () => {
    expect(text).not.toContain('hunter2');
  });

  test.each([
    ['an additional change', planOf({ p: [...packages('nginx'), a, b, kept] }), 'nonenone', /file:\/etc\/b \(create, mode 0644\)/],
    ['a change that is no longer needed', planOf({ p: [a, kept] }), 'nonenone', /package:nginx \(install\)/],
    [
      'another content',
      planOf({ p: [...packages('nginx'), file('/etc/a', { content: 'z', notify: reload('nginx') }), kept] }),
      'nonenone',
      /file:\/etc\/a/,
    ],
    ['another record', plan, `${'a'.repeat(64)}none`, /what was last applied/],
  ])('is refused with the names of the differences: %s', (_, now, base, message) => {
    const attempt = () => requireSame(parseSavedPlan(text, 'x.plan'), 'web', base, now);
    expect(attempt).toThrow(Problem);
    expect(attempt).toThrow(message);
  });

  test('that is damaged is a problem, whatever it is', () => {
    for (const damaged of ['', '{}', '[]', 'null', text.slice(0, -5), text.replace('"schema": 1', '"schema": 2')])
      expect(() => parseSavedPlan(damaged, 'x.plan')).toThrow('x.plan is not a saved plan, or it is damaged.');
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(30), fc.oneof(fc.string(), fc.json({ maxDepth: 2 })), (at, length, other) => {
        try {
          requireSame(parseSavedPlan(text.slice(0, at) + other + text.slice(at + length), 'x.plan'), 'web', 'nonenone', plan);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 300 },
    );
  });
});
