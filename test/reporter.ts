import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { unsupported } from '../src/sandbox/index.ts';

/** Tells which tests were left out and why, and ends the output on one plain line that any other program can read. */
export default class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0).length;
    // What never began is pending; nobody waits for it any more.
    const skipped = tests.filter((test) => ['skipped', 'pending'].includes(test.result().state));
    const line = `${count('passed')} passed, ${count('failed') + broken + unhandled.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
    process.on('exit', () => process.stdout.write(`${leftOut(skipped)}${line}\n`));
  }
}

/** The tests by the reason that each gave when it was skipped. */
function leftOut(skipped: readonly TestCase[]): string {
  return [...new Set(skipped.map(reasonOf))]
    .map(
      (reason) =>
        `Left out: ${reason}\n${skipped.flatMap((test) => (reasonOf(test) === reason ? [`  ${titleOf(test)}\n`] : [])).join('')}\n`,
    )
    .join('');
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const given = result.state === 'skipped' ? result.note : undefined;
  return (
    given ??
    (['lab', 'proof'].includes(test.project.name) ? unsupported() : undefined) ??
    'what they need is not here (root, another shell, a server program), or they were not chosen'
  );
}

function titleOf(test: TestCase): string {
  return `${test.module.relativeModuleId}: ${test.fullName}`;
}
