import { createServer, type Server } from 'node:net';
import { decodeRecords, encodeRecord, encodeStream, recordType } from '../../playbooks/runtimes/php/fastcgi.ts';

/** Decodes name-value pairs according to the specification, independently of the encoder. */
export function decodeParams(bytes: Buffer): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  let at = 0;
  const length = (): number => {
    const first = bytes.readUInt8(at);
    if (first < 0x80) {
      at += 1;
      return first;
    }
    at += 4;
    return bytes.readUInt32BE(at - 4) & 0x7fffffff;
  };
  const text = (size: number): string => {
    at += size;
    return bytes.subarray(at - size, at).toString();
  };
  while (at < bytes.length) {
    const [name, value] = [length(), length()];
    params.set(text(name), text(value));
  }
  return params;
}

export interface FastCgiRequest {
  readonly params: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** The end of a request: an application status of 0, and the protocol's own status. */
export function encodeEnd(protocolStatus = 0): Buffer {
  return encodeRecord({ type: recordType.end, content: Buffer.of(0, 0, 0, 0, protocolStatus, 0, 0, 0) });
}

export function encodeOutput(text: string): Buffer {
  return Buffer.concat([encodeStream(recordType.stdout, Buffer.from(text)), encodeEnd()]);
}

/** A FastCGI server that answers each request with the test's bytes, optionally one byte at a time. */
export function responder(answer: (request: FastCgiRequest) => Buffer, step = Number.POSITIVE_INFINITY): Server {
  return createServer({ noDelay: true }, (socket) => {
    let pending: Buffer = Buffer.alloc(0);
    const content = new Map<number, Buffer[]>();
    socket.on('data', (chunk: Buffer) => {
      const { records, rest } = decodeRecords(Buffer.concat([pending, chunk]));
      pending = rest;
      for (const record of records) content.set(record.type, [...(content.get(record.type) ?? []), record.content]);
      if (!records.some(({ type, content: bytes }) => type === recordType.stdin && bytes.length === 0)) return;
      const joined = (type: number): Buffer => Buffer.concat(content.get(type) ?? []);
      const bytes = answer({ params: decodeParams(joined(recordType.params)), body: joined(recordType.stdin) });
      for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
      socket.end();
    });
  });
}
