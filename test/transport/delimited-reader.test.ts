import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMarks } from '../../src/transport/delimited-reader.ts';

describe('readMarks', () => {
  test('a mark is found however the bytes are split', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (bytes, sizes) => {
          const body = Buffer.from(bytes);
          fc.pre(!body.includes('MARK') && !body.includes('M'));
          const whole = Buffer.concat([body, Buffer.from('MARK1MMARK2rest')]);
          const stream = new PassThrough();
          const reader = readMarks(stream, () => {});
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            stream.write(whole.subarray(at, at + size));
            at += size;
          }
          expect(await reader.until('MARK1')).toEqual(body);
          expect((await reader.until('MARK2')).toString()).toBe('M');
          const rest: Buffer[] = [];
          reader.flow((chunk) => rest.push(chunk));
          stream.end();
          for await (const _ of stream);
          expect(Buffer.concat(rest).toString()).toBe('rest');
        },
      ),
      { numRuns: 50 },
    );
  });

  test('waits for a mark that comes later', async () => {
    const stream = new PassThrough();
    const reader = readMarks(stream, () => {});
    const before = reader.until('END');
    stream.write('a lot E');
    stream.write('N');
    stream.write('D more');
    expect((await before).toString()).toBe('a lot ');
    expect(reader.rest()).toBe(' more');
  });

  test('a failure ends current and later waits, but does not discard what has arrived', async () => {
    const stream = new PassThrough();
    const reader = readMarks(stream, () => {});
    stream.write('one|two');
    await new Promise(setImmediate);
    const gone = new Error('gone');
    reader.fail(gone);
    expect((await reader.until('|')).toString()).toBe('one');
    await expect(reader.until('|')).rejects.toBe(gone);
  });

  test('fifty megabytes are read quickly', async () => {
    const stream = new PassThrough();
    const reader = readMarks(stream, () => {});
    const before = reader.until('END');
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (let count = 0; count < 50; count += 1) stream.write(chunk);
    stream.write('END');
    expect((await before).length).toBe(50_000_000);
  });
});
