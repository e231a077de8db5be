import { Writable } from 'node:stream';
import type { Streams } from '../operations/in-site.ts';
import type { Terminal } from '../transport/transport.ts';
import type { Invocation } from './invocation.ts';

/**
 * Returns what a person's command on the host is connected to: this terminal if input, output and errors all are one, otherwise the streams
 * of this process. With --json, its output becomes events.
 */
export function streamsOf({ options, reporter }: Invocation): Streams {
  // With this option, the sudo password is the first line of standard input, and reading it may have consumed more than that line.
  const input = options.sudoPasswordStdin ? undefined : process.stdin;
  if (options.json) {
    const told = (stream: 'stdout' | 'stderr') => eventStream((text) => reporter.emit({ event: 'output', stream, text }));
    return { kind: 'pipes', ...(input && { input }), output: told('stdout'), errors: told('stderr') };
  }
  const { stdin, stdout, stderr } = process;
  if (input && stdin.isTTY && stdout.isTTY && stderr.isTTY) return { kind: 'terminal', terminal: thisTerminal() };
  return { kind: 'pipes', ...(input && { input }), output: unclosed(stdout), errors: unclosed(stderr) };
}

function thisTerminal(): Terminal {
  const { stdin, stdout } = process;
  return {
    type: process.env.TERM || 'xterm',
    input: stdin,
    output: unclosed(stdout),
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    attach: (onResize) => {
      stdin.setRawMode(true);
      stdout.on('resize', onResize);
      return () => {
        stdin.setRawMode(false);
        stdin.pause();
        stdout.off('resize', onResize);
      };
    },
  };
}

/** Returns a stream that writes to one of this process, and can be ended without closing that one. */
export function unclosed(stream: NodeJS.WriteStream): Writable {
  return new Writable({ write: (chunk, _encoding, done) => void stream.write(chunk, done) });
}

/** Returns a stream that decodes UTF-8 and passes on only complete characters. */
function eventStream(tell: (text: string) => void): Writable {
  const decoder = new TextDecoder();
  const told = (text: string) => (text === '' ? undefined : tell(text));
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      told(decoder.decode(chunk, { stream: true }));
      done();
    },
    final: (done) => {
      told(decoder.decode());
      done();
    },
  });
}
