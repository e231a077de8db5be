import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/error.ts';
import { oneLine, reason } from '../../src/health/reason.ts';
import { Late } from '../../src/within.ts';

const place = '198.18.0.2:80';

function failed(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

describe('reason', () => {
  it.each([
    { error: failed('ECONNREFUSED'), line: 'connection refused on 198.18.0.2:80: nothing listens there' },
    { error: new Late(5), line: 'no answer within 5 s from 198.18.0.2:80: the host is down or a firewall drops it' },
    { error: failed('ETIMEDOUT'), line: 'no answer from 198.18.0.2:80: the host is down or a firewall drops it' },
    { error: failed('ENETUNREACH'), line: "no route to 198.18.0.2:80: this machine's network cannot reach it" },
    { error: failed('ECONNRESET'), line: '198.18.0.2:80 closed the connection before it answered' },
    { error: failed('EACCES'), line: "permission denied on 198.18.0.2:80: the socket's mode denies us access" },
    {
      error: new Problem({ message: 'the way there is shut', cause: failed('ECONNREFUSED') }),
      line: 'connection refused on 198.18.0.2:80: nothing listens there',
    },
    {
      error: new Problem({ message: 'no channel', cause: Object.assign(new Error('Channel open failure'), { reason: 2 }) }),
      line: 'sshd could not connect to 198.18.0.2:80: nothing listens there',
    },
    {
      error: Object.assign(new Error('Channel open failure'), { reason: 1 }),
      line: 'sshd does not forward to 198.18.0.2:80: AllowTcpForwarding, AllowStreamLocalForwarding or DisableForwarding forbids it',
    },
    { error: new Error('odd\n\u001b[31mthing'), line: '198.18.0.2:80: odd [31mthing' },
    { error: 'a string', line: '198.18.0.2:80: a string' },
  ])('$line', ({ error, line }) => {
    expect(reason(error, place)).toBe(line);
  });
});

it('names other possible causes if sshd did not open a socket', () => {
  const error = Object.assign(new Error('Channel open failure'), { reason: 2 });
  expect(reason(error, '/run/php.sock', { refused: 'its service is not running', late: '' })).toBe(
    'sshd could not connect to /run/php.sock: its service is not running, or the login user may not use the socket, or AllowStreamLocalForwarding is off',
  );
});

describe('oneLine', () => {
  it('shortens a long line with an ellipsis', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('abcd', 4)).toBe('abcd');
  });
});
