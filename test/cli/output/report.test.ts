import './plain.ts';
import { afterEach, expect, test } from 'vitest';
import { report } from '../../../src/cli/output/report.ts';
import { Problem, type ProblemDetails } from '../../../src/error.ts';
import { captured } from './captured.ts';

const written = captured();

afterEach(() => {
  process.exitCode = undefined;
});

const cases: readonly (readonly [title: string, details: Partial<ProblemDetails>, hasRunStarted: boolean, text: string])[] = [
  [
    'before any run, the hint ends with what the host is like',
    { hint: 'Correct it.' },
    false,
    '✖ No.\n  Correct it. Nothing was changed.\n',
  ],
  ['a hint that says so already says it once', { hint: 'Wait. Nothing was changed.' }, false, '✖ No.\n  Wait. Nothing was changed.\n'],
  ['a problem without a hint says so too', {}, false, '✖ No.\n  Nothing was changed.\n'],
  ['once a run has started, nothing is added', { hint: 'Correct it.' }, true, '✖ No.\n  Correct it.\n'],
  ["nothing is added to the words of the user's own code", { hint: 'Set KEY.', verbatim: true }, false, '✖ No.\n  Set KEY.\n'],
];

test.each(cases)('%s', async (_, details, hasRunStarted, text) => {
  await report({ quiet: true }, async (reporter) => {
    if (hasRunStarted) reporter.emit({ event: 'run', host: 'web' });
    throw new Problem({ message: 'No.', ...details });
  });
  expect([written.err, process.exitCode]).toEqual([text, 1]);
});
