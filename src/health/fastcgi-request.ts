import type { Duplex } from 'node:stream';
import { decodeRecords, encodeRequest, recordType } from './fastcgi.ts';

/** A CGI response, its head taken apart. */
export interface FastCgiAnswer {
  /** From the `Status` header; 200 where there is none (RFC 3875, section 6.3.3). */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly stderr: string;
}

/** What `protocolStatus` says other than 0, the request's regular end (FastCGI 1.0, section 5.5). */
const refusals = new Map([
  [1, 'the server accepts only one request per connection'],
  [2, 'the server is overloaded'],
  [3, 'the server is not a FastCGI responder'],
]);

/** Bytes of an answer; FPM's own and the state of PHP's cache take some hundred. */
const longestAnswer = 1_000_000;

/** Sends one request over a fresh stream and reads the answer; the stream is closed afterwards. Rejects where it is cut short or refused. */
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
    if (received > longestAnswer) throw new Error(`the answer is longer than ${longestAnswer / 1e6} MB`);
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
  // Latin-1 keeps one character a byte, so that an index in the text is one in the buffer.
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
