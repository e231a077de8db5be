import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRecords,
  encodeParams,
  encodeRecord,
  encodeRequest,
  encodeStream,
  recordType,
} from '../../playbooks/runtimes/php/fastcgi.ts';
import { parseAnswer } from '../../playbooks/runtimes/php/fastcgi-request.ts';
import { decodeParams } from './responder.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const aRecord = fc.record({ type: fc.integer({ min: 1, max: 11 }), content: bytes(300) });

describe('encoding', () => {
  it.each([
    { what: 'a record', made: encodeRecord({ type: recordType.stdin, content: Buffer.from('ab') }), hex: '01 05 0001 0002 00 00 6162' },
    { what: 'an empty stream', made: encodeStream(recordType.stdin, Buffer.alloc(0)), hex: '01 05 0001 0000 00 00' },
    { what: 'a stream', made: encodeStream(recordType.stdin, Buffer.from('a')), hex: '01 05 0001 0001 00 00 61 01 05 0001 0000 00 00' },
    { what: 'a short pair', made: encodeParams({ AB: 'c' }), hex: '02 01 4142 63' },
    { what: 'a long value', made: encodeParams({ A: 'b'.repeat(128) }), hex: `01 80000080 41 ${'62'.repeat(128)}` },
    {
      what: 'a request',
      made: encodeRequest({ A: 'b' }, Buffer.alloc(0)),
      hex: '01 01 0001 0008 00 00 0001 00 0000000000 01 04 0001 0004 00 00 01014162 01 04 0001 0000 00 00 01 05 0001 0000 00 00',
    },
  ])('$what', ({ made, hex }) => {
    expect(made.toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('refuses a record that is too long', () => {
    expect(() => encodeRecord({ type: recordType.stdin, content: Buffer.alloc(65_536) })).toThrow(RangeError);
  });
});

describe('decoding', () => {
  it.each([
    { what: 'nothing', hex: '', records: [], rest: '' },
    { what: 'half a header', hex: '01 06 00', records: [], rest: '010600' },
    { what: 'half a content', hex: '01 06 0001 0002 00 00 61', records: [], rest: '010600010002000061' },
    { what: 'padding', hex: '01 06 0001 0001 03 00 61 000000 01', records: [{ type: 6, content: Buffer.from('a') }], rest: '01' },
  ])('$what', ({ hex, records, rest }) => {
    const decoded = decodeRecords(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect(decoded.records).toEqual(records);
    expect(decoded.rest.toString('hex')).toBe(rest);
  });

  it('refuses what is not FastCGI', () => {
    expect(() => decodeRecords(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow('does not speak FastCGI');
  });

  it('decodes the records, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(aRecord, { maxLength: 6 }), fc.nat(), (records, cut) => {
        const whole = Buffer.concat(records.map(encodeRecord));
        const at = cut % (whole.length + 1);
        const first = decodeRecords(whole.subarray(0, at));
        const second = decodeRecords(Buffer.concat([first.rest, whole.subarray(at)]));
        expect([...first.records, ...second.records]).toEqual(records);
        expect(second.rest).toHaveLength(0);
      }),
    );
  });

  it('decodes a stream of any length, and its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (length) => {
        const { records } = decodeRecords(encodeStream(recordType.stdin, Buffer.alloc(length, 7)));
        expect(records.at(-1)?.content).toHaveLength(0);
        expect(records.slice(0, -1).every(({ content }) => content.length > 0)).toBe(true);
        expect(Buffer.concat(records.map(({ content }) => content)).equals(Buffer.alloc(length, 7))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('decodes the variables', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 200 }), text), (params) => {
        expect(decodeParams(encodeParams(params))).toEqual(new Map(Object.entries(params)));
      }),
    );
  });
});

describe('parseAnswer', () => {
  it.each([
    { what: 'a plain answer', text: 'Content-Type: text/plain\r\n\r\npong', status: 200, body: 'pong' },
    {
      what: 'a status',
      text: 'Status: 404 Not Found\r\nContent-Type: text/html\r\n\r\nFile not found.',
      status: 404,
      body: 'File not found.',
    },
    { what: 'bare newlines, and an empty line in the body', text: 'X: é\n\na\n\nb', status: 200, body: 'a\n\nb' },
    { what: 'nothing', text: '', status: 200, body: '' },
  ])('$what', ({ text, status, body }) => {
    const answer = parseAnswer(Buffer.from(text), '');
    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status, body });
  });
});
