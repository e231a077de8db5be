import type { Duplex } from 'node:stream';
import { decodeRecords, encodeRequest, recordType } from './fastcgi.ts';

/** A parsed CGI response. */
export interface FastCgiAnswer {
  /** From the `Status` header; 200 if there is none (RFC 3875, section 6.3.3). */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly stderr: string;
}

/** The meanings of `protocolStatus` other than 0, which is success (FastCGI 1.0, section 5.5). */
const refusals = new Map([
  [1, 'the server accepts only one request per connection'],
  [2, 'the server is overloaded'],
  [3, 'the server is not a FastCGI responder'],
]);

/** The size limit of an answer. FPM's own answers and the state of PHP's cache have some hundred bytes. */
const maxAnswerBytes = 1_000_000;

/** Sends one request over a new stream, reads the answer, and closes the stream. Rejects if the answer is incomplete or a refusal. */
export async function requestFastCgi(
  stream: Duplex,
  params: Readonly<Record<string, string>>,
  body: Buffer = Buffer.alloc(0),
): Promise<FastCgiAnswer> {
  stream.write(encodeRequest(params, body));
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  let pending: Buffer = Buffer.alloc(0);
  let received = 0;
  for await (const chunk of stream) {
    received += chunk.length;
    if (received > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes / 1e6} MB`);
    const { records, rest } = decodeRecords(Buffer.concat([pending, chunk]));
    pending = rest;
    for (const { type, content } of records) {
      if (type === recordType.stdout) out.push(content);
      if (type === recordType.stderr) errors.push(content);
      if (type === recordType.end) {
        const refusal = refusals.get(content[4] ?? 0);
        if (refusal !== undefined) throw new Error(refusal);
        return parseAnswer(Buffer.concat(out), Buffer.concat(errors).toString());
      }
    }
  }
  throw new Error('the connection ended in the middle of the answer');
}

/** Splits a CGI response at its first empty line. */
export function parseAnswer(output: Buffer, stderr: string): FastCgiAnswer {
  // Latin-1 has one character for each byte, so an index in the text is also one in the buffer.
  const end = /\r?\n\r?\n/.exec(output.toString('latin1'));
  const head = output.subarray(0, end?.index ?? output.length).toString();
  const headers = new Map(
    head.split(/\r?\n/).flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]] : [];
    }),
  );
  const body = end === null ? Buffer.alloc(0) : output.subarray(end.index + end[0].length);
  return { status: Number.parseInt(headers.get('status') ?? '200', 10), headers, body, stderr };
}
