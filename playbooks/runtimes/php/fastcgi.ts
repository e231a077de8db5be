/**
 * The FastCGI 1.0 wire format, as far as a client needs it. Numbers and layouts are the specification's, sections 3 to 5:
 * a record is a header of 8 bytes (version, type, request id, content length, padding length, reserved), content and padding.
 */
export const recordType = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6, stderr: 7 } as const;

export interface FastCgiRecord {
  readonly type: number;
  readonly content: Buffer;
}

const version = 1;
const headerLength = 8;
const maxContent = 0xffff;
/** One number is enough, because each connection has one request. */
const requestId = 1;
const responder = 1;

/** Encodes one record without padding. Content is at most 65,535 bytes. */
export function encodeRecord({ type, content }: FastCgiRecord): Buffer {
  if (content.length > maxContent) throw new RangeError(`a FastCGI record holds at most ${maxContent} bytes`);
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(version, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(requestId, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** Encodes a stream of any length as records of one type, with an empty record at the end. */
export function encodeStream(type: number, bytes: Buffer): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += maxContent) records.push(encodeRecord({ type, content: bytes.subarray(at, at + maxContent) }));
  return Buffer.concat([...records, encodeRecord({ type, content: Buffer.alloc(0) })]);
}

/** Encodes a length: one byte below 128, otherwise four bytes with the highest bit set. */
function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x80000000) >>> 0);
  return bytes;
}

/** Encodes CGI variables as name-value pairs in UTF-8. */
export function encodeParams(params: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(params).flatMap(([name, value]) => {
      const [key, text] = [Buffer.from(name), Buffer.from(value)];
      return [encodeLength(key.length), encodeLength(text.length), key, text];
    }),
  );
}

/** Encodes a complete request to a responder, after which the server closes the connection. */
export function encodeRequest(params: Readonly<Record<string, string>>, body: Buffer): Buffer {
  const begin = Buffer.alloc(8);
  begin.writeUInt16BE(responder, 0);
  return Buffer.concat([
    encodeRecord({ type: recordType.begin, content: begin }),
    encodeStream(recordType.params, encodeParams(params)),
    encodeStream(recordType.stdin, body),
  ]);
}

/** Decodes the complete records at the start of `bytes`, and returns them with the rest. Throws if the bytes are not FastCGI. */
export function decodeRecords(bytes: Buffer): { readonly records: readonly FastCgiRecord[]; readonly rest: Buffer } {
  const records: FastCgiRecord[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    if (rest.readUInt8(0) !== version) throw new Error('what answered does not speak FastCGI');
    if (rest.length < headerLength) break;
    const end = headerLength + rest.readUInt16BE(4);
    const next = end + rest.readUInt8(6);
    if (rest.length < next) break;
    records.push({ type: rest.readUInt8(1), content: rest.subarray(headerLength, end) });
    rest = rest.subarray(next);
  }
  return { records, rest };
}
