import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isLive, plainProgress } from '../../../src/cli/output/progress.ts';

describe('isLive', () => {
  it.each([
    [true, true, {}, true],
    [true, false, {}, false],
    // With `plan | less`, the output of the pipe would overwrite the line.
    [false, true, {}, false],
    [true, true, { TERM: 'dumb' }, false],
    [true, true, { CI: 'true' }, false],
    // An empty variable counts as unset.
    [true, true, { CI: '' }, true],
  ])('output and errors on a terminal: %s, %s, %j', (stdout, stderr, environment, live) => {
    expect(isLive({ isTTY: stdout }, { isTTY: stderr }, environment)).toBe(live);
  });
});

describe('plainProgress', () => {
  it('prints every stage once, and one of a thousand steps every five seconds', () => {
    let now = 0;
    const stream = new PassThrough();
    const progress = plainProgress(stream, () => now);
    progress.stage('connecting');
    progress.stage('connecting');
    for (let step = 1; step <= 1000; step++) {
      now += 10;
      progress.show(`${step}/1000`);
    }
    now += 6000;
    progress.show('installing nginx', 0.42);
    progress.stage('verifying');
    expect(String(stream.read()).trim().split('\n')).toEqual([
      'connecting',
      '500/1000',
      '1000/1000',
      ' 42 %  installing nginx',
      'verifying',
    ]);
  });
});
