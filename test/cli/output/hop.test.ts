import './plain.ts';
import { describe, expect, it } from 'vitest';
import { hopLines } from '../../../src/cli/output/hop.ts';
import { problemText } from '../../../src/cli/output/problem.ts';
import { Problem } from '../../../src/error.ts';

describe('hopLines', () => {
  it('needs one line for a healthy hop', () => {
    expect(hopLines({ hop: 'nginx', ok: true, ms: 9, detail: '200, 57 bytes' }, 80)).toEqual(['✔ nginx       9 ms  200, 57 bytes']);
  });

  it('aligns evidence, advice and log', () => {
    const hop = {
      hop: 'php-fpm',
      ok: false,
      ms: 5,
      detail: 'sshd could not connect to /run/php/foobar.com.sock: its service is not running',
      log: ['[01-Jan-2026] NOTICE: \u001b[31mexiting, bye-bye!\u001b[0m and a good deal more that is too long for one line'],
    } as const;
    expect(hopLines(hop, 80)).toEqual([
      '✖ php-fpm     5 ms  sshd could not connect to /run/php/foobar.com.sock: its',
      '                    service is not running',
      '    │ [01-Jan-2026] NOTICE: exiting, bye-bye! and a good deal more that is too',
      '    │   long for one line',
    ]);
  });
});

describe('problemText', () => {
  it('says what failed, where, what the host printed, and what to do', () => {
    const problem = new Problem({
      message: 'file:/etc/nginx/nginx.conf failed, so the run was rolled back.',
      host: 'web',
      command: 'nginx -t',
      commandExit: 1,
      stderr: 'unknown directive "servr"',
      hint: 'The host serves as before.',
    });
    expect(problemText(problem, 60).split('\n')).toEqual([
      '✖ file:/etc/nginx/nginx.conf failed, so the run was rolled',
      '  back.',
      '  host     web',
      '  command  nginx -t',
      '  exit     1',
      '    │ unknown directive "servr"',
      '  The host serves as before.',
    ]);
  });
});
