import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../docs/performance.md');

/**
 * Prints the lines of a benchmark as they come. With `--write` on the command line, `end` replaces the benchmark's section in
 * docs/performance.md, with the date, the commit and the machine.
 */
export function report(title: string): { readonly line: (text: string) => void; readonly end: () => void } {
  const lines: string[] = [];
  return {
    line: (text) => {
      lines.push(text);
      process.stdout.write(`${text}\n`);
    },
    end: () => {
      if (!process.argv.includes('--write')) return;
      const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
      const [cpu] = cpus();
      const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
      const section = [
        `## ${title}`,
        '',
        `${new Date().toISOString().slice(0, 10)}, commit ${commit}, ${machine}`,
        '',
        '```',
        ...lines,
        '```',
        '',
      ].join('\n');
      const text = readFileSync(page, 'utf8');
      const start = text.indexOf(`## ${title}\n`);
      const next = start < 0 ? -1 : text.indexOf('\n## ', start);
      const before = start < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, start);
      writeFileSync(page, before + section + (next < 0 ? '' : text.slice(next)));
    },
  };
}
