import { PassThrough } from 'node:stream';
import type { Endpoint, Output, RunOptions, Transport } from '../../src/transport/transport.ts';

/** One call of the transport. */
export type Recorded =
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'run'; readonly text: string; readonly input: Buffer }
  | { readonly kind: 'terminal'; readonly text: string }
  | { readonly kind: 'open'; readonly endpoint: Endpoint }
  | { readonly kind: 'close' };

/** The answer to a script: its output, a part of it, only its standard output, or an error. */
export type Answer = string | Partial<Output> | Error;

/** A script's text, a pattern or a test for it, and the answer. The first that matches counts. */
export type Canned = readonly [
  script: string | RegExp | ((text: string) => boolean),
  answer: Answer | ((text: string, input: Buffer) => Answer),
];

export interface RecordingTransport extends Transport {
  readonly calls: readonly Recorded[];
}

/**
 * A transport without a host, for tests: it records what it is asked and answers from a table. A script that no row
 * fits throws, so that a test names every command it expects.
 */
export function recordingTransport(canned: readonly Canned[] = [], host = 'host.test', address = '192.0.2.1'): RecordingTransport {
  const calls: Recorded[] = [];
  let roundTrips = 0;

  function answer(text: string, input: Buffer): Output {
    const row = canned.find(([script]) =>
      typeof script === 'string' ? script === text : script instanceof RegExp ? script.test(text) : script(text),
    );
    if (row === undefined) throw new TypeError(`no answer is set for the script:\n${text}`);
    const given = typeof row[1] === 'function' ? row[1](text, input) : row[1];
    if (given instanceof Error) throw given;
    return { stdout: '', stderr: '', code: 0, ...(typeof given === 'string' ? { stdout: given } : given) };
  }

  return {
    calls,
    host,
    address,
    get roundTrips() {
      return roundTrips;
    },
    async script({ text }) {
      roundTrips += 1;
      calls.push({ kind: 'script', text });
      return answer(text, Buffer.of());
    },
    async run({ text }, options: RunOptions = {}) {
      roundTrips += 3;
      const input = await collect(options.input);
      calls.push({ kind: 'run', text, input });
      const output = answer(text, input);
      const lines = output.stdout.split('\n');
      for (const line of lines.at(-1) === '' ? lines.slice(0, -1) : lines) options.onLine?.(line);
      options.output?.end(output.stdout);
      options.errors?.write(output.stderr);
      return output;
    },
    async inTerminal({ text }, terminal) {
      roundTrips += 4;
      calls.push({ kind: 'terminal', text });
      const output = answer(text, Buffer.of());
      terminal.output.write(output.stdout);
      return output.code;
    },
    isRoot: true,
    login: { user: 'root', by: 'key', hostKey: 'ssh-ed25519' },
    restrictions: { fewSessions: false, noForwarding: false },
    async again() {
      return this;
    },
    async open(endpoint) {
      calls.push({ kind: 'open', endpoint });
      return new PassThrough();
    },
    async close() {
      calls.push({ kind: 'close' });
    },
  };
}

async function collect(input: RunOptions['input']): Promise<Buffer> {
  if (input === undefined || typeof input === 'string' || Buffer.isBuffer(input)) return Buffer.from(input ?? '');
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
