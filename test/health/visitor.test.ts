import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Lookup } from '../../src/dns/lookup.ts';
import { checkVisitor } from '../../src/health/visitor.ts';
import { recordingTransport } from '../transport/recording.ts';

const [apex, www] = ['example.com', 'www.example.com'];
const check = { host: apex, path: '/', names: [apex, www] };

/** Runs the check with these records, with one answer at the visitor's address and another at the host's own. */
async function visit(
  records: Readonly<Record<string, Partial<Lookup>>>,
  answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {},
  reached: readonly string[] = [apex, www],
) {
  const servers = await Promise.all(
    Object.entries(answers).map(async ([address, answer]) => {
      const server = createServer(answer).listen(80, address);
      await once(server, 'listening');
      return server;
    }),
  );
  const lookUp = async (name: string): Promise<Lookup> => ({ name, A: [], AAAA: [], ...records[name] });
  const transport = recordingTransport([], 'host.test', '127.0.80.90');
  const context = { transport, addresses: ['127.0.80.90'], secret: () => undefined, lookUp };
  try {
    return await checkVisitor({ ...check, reached }, context, new AbortController().signal);
  } finally {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

const ends = (status: number) => (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end('page');
const turns = (request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(301, { location: `http://${request.headers.host === apex ? www : apex}/?token=secret` }).end();
const proxied = { [apex]: { A: ['127.0.80.91'] }, [www]: { A: ['127.0.80.91'] } };

describe('a site that is not requested', () => {
  test.each<[string, Partial<Lookup>, string]>([
    ['a name without records', {}, 'not asked: example.com has no address in DNS'],
    ['a name that nobody can look up', { gap: 'unreachable' }, 'not asked: no nameserver answered for example.com'],
    ['a name of another server', { A: ['203.0.113.9'] }, 'not asked: example.com points to 203.0.113.9, not to this host'],
  ])('%s is not a failure', async (_, lookup, detail) => {
    expect(await visit({ [apex]: lookup }, {}, [])).toEqual({ ok: true, detail });
  });
});

describe.skipIf(process.getuid?.() !== 0)('a visitor', () => {
  test('gets the page of the host', async () => {
    expect(await visit({ [apex]: { A: ['127.0.80.90'] } }, { '127.0.80.90': ends(200) }, [])).toEqual({
      ok: true,
      detail: '200 for http://example.com/ at 127.0.80.90',
    });
  });

  test('gets the same through a proxy', async () => {
    expect(await visit(proxied, { '127.0.80.90': ends(200), '127.0.80.91': ends(200) })).toEqual({
      ok: true,
      detail: '200 for http://example.com/ at 127.0.80.91',
    });
  });

  test('gets another answer than the host gives', async () => {
    expect(await visit(proxied, { '127.0.80.90': ends(200), '127.0.80.91': ends(403) })).toMatchObject({
      ok: true,
      warning: 'this host itself answers http://example.com/ with 200',
    });
  });

  test('is redirected in a loop, which fails without showing a query', async () => {
    const finding = await visit(proxied, { '127.0.80.91': turns });
    expect(finding).toMatchObject({
      ok: false,
      detail: expect.stringContaining('visitors are redirected in a loop: http://example.com/ -> http://www.example.com/ -> '),
    });
    expect(finding.detail).not.toContain('secret');
  });

  test('cannot be imitated from this machine', async () => {
    expect(await visit(proxied)).toMatchObject({
      ok: true,
      detail: expect.stringContaining('connection refused'),
      warning: expect.any(String),
    });
  });
});
