import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../src/transport/lines.ts';

test('lines are the same however the bytes are split', () => {
  const text = fc.array(fc.string({ unit: 'binary' }).map((line) => Buffer.from(line.replaceAll('\n', ' ')).toString()));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), fc.boolean(), (lines, size, closed) => {
      const bytes = Buffer.from(lines.join('\n') + (closed && lines.length > 0 ? '\n' : ''));
      const seen: string[] = [];
      const splitter = splitLines((line) => seen.push(line));
      for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
      splitter.end();
      const expected = bytes.toString().split('\n');
      expect(seen).toEqual(expected.at(-1) === '' ? expected.slice(0, -1) : expected);
    }),
  );
});

test('a line is handed over when its newline comes, not before', () => {
  const seen: string[] = [];
  const splitter = splitLines((line) => seen.push(line));
  splitter.push(Buffer.from('one\ntw'));
  expect(seen).toEqual(['one']);
  splitter.push(Buffer.from('o\n'));
  expect(seen).toEqual(['one', 'two']);
});
