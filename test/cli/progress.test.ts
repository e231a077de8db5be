import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { isLive, plainProgress } from '../../src/cli/progress.ts';

function tty(isTTY: boolean): NodeJS.WriteStream {
  return Object.assign(Object.create(WriteStream.prototype), { isTTY });
}

describe('isLive', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { CI: 'true' }, false],
    // An empty variable is as good as none.
    [true, { CI: '' }, true],
  ])('a terminal: %s, %j', (isTTY, environment, live) => {
    expect(isLive(tty(isTTY), environment)).toBe(live);
  });
});

describe('plainProgress', () => {
  it('tells every stage once, and of a thousand steps one every five seconds', () => {
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
