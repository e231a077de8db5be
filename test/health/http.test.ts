import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { HttpCheck } from '../../src/health/http.ts';
import { checkHttp } from '../../src/health/http.ts';
import { within } from '../../src/within.ts';
import { context } from './loopback.ts';

const site: Omit<HttpCheck, 'port'> = { host: 'foobar.com', path: '/', status: 200, contains: 'Welcome' };

/** Returns the finding of the check against a server with this answer. */
async function ask(listener: RequestListener, more: Partial<HttpCheck> = {}, seconds = 2) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  try {
    return await within(seconds, (signal) => checkHttp({ ...site, port, ...more }, context(), signal));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const cases: readonly {
  readonly what: string;
  readonly answer: RequestListener;
  readonly more?: Partial<HttpCheck>;
  readonly ok: boolean;
  readonly detail: RegExp;
  readonly warning?: string;
}[] = [
  {
    what: 'the page',
    answer: (_, response) => response.setHeader('server', 'nginx').end(`Welcome${' '.repeat(4_093)}`),
    ok: true,
    detail: /^200 in \d+ ms, 4\.1 kB, Server: nginx$/,
  },
  {
    what: 'the name that it was asked for',
    answer: ({ headers }, response) => response.end(`Welcome to ${headers.host}`),
    more: { contains: 'Welcome to foobar.com' },
    ok: true,
    detail: /^200 in \d+ ms, 21 B$/,
  },
  {
    what: 'another status',
    answer: (_, response) => response.writeHead(502).end('Welcome'),
    ok: false,
    detail: /^502 instead of 200 for http:\/\/foobar\.com\/ in \d+ ms, 7 B$/,
  },
  {
    what: 'a redirect, not followed, its query left out',
    answer: (_, response) => response.writeHead(301, { location: 'https://foobar.com/?token=abc' }).end(),
    ok: false,
    detail: /^301 to https:\/\/foobar\.com\/ instead of 200 for/,
  },
  {
    what: 'a redirect that is wanted',
    answer: (_, response) => response.writeHead(301, { location: '/' }).end('moved'),
    more: { status: 301, contains: 'moved' },
    ok: true,
    detail: /^301 in/,
  },
  {
    what: 'a redirect within the site, followed to its page',
    answer: ({ url, headers }, response) =>
      url === '/'
        ? response.writeHead(302, { location: '/wp-admin/install.php?step=1' }).end()
        : response.end(`Welcome to ${headers.host}${url}`),
    more: { follow: ['foobar.com'], contains: 'Welcome to foobar.com/wp-admin/install.php?step=1' },
    ok: true,
    detail: /^200 in \d+ ms, 49 B, redirected to http:\/\/foobar\.com\/wp-admin\/install\.php$/,
  },
  {
    what: 'a redirect within the site to what is broken',
    answer: ({ url }, response) => response.writeHead(url === '/' ? 302 : 500, { location: 'login' }).end('Welcome'),
    more: { follow: ['foobar.com'] },
    ok: false,
    detail: /^500 to login instead of 200 for http:\/\/foobar\.com\/ in .*, redirected to http:\/\/foobar\.com\/login$/,
  },
  {
    what: 'a redirect out of the site, not followed',
    answer: ({ url }, response) => response.writeHead(url === '/' ? 302 : 200, { location: '//elsewhere.example/' }).end('Welcome'),
    more: { follow: ['foobar.com', 'www.foobar.com'] },
    ok: false,
    detail: /^302 to \/\/elsewhere\.example\/ instead of 200/,
  },
  {
    what: 'redirects in a circle',
    answer: (_, response) => response.writeHead(302, { location: '/' }).end('Welcome'),
    more: { follow: ['foobar.com'] },
    ok: false,
    detail: /^302 to \/ instead of 200/,
  },
  {
    what: 'an empty body',
    answer: (_, response) => response.end(),
    ok: false,
    detail: /^200 for http:\/\/foobar\.com\/ with an empty body/,
  },
  {
    what: 'an empty body where that is healthy',
    answer: (_, response) => response.end(),
    more: { mayBeEmpty: true },
    ok: true,
    detail: /^200 with an empty body in/,
  },
  {
    what: 'a request for a password',
    answer: (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end(),
    more: { mayWantLogin: true },
    ok: true,
    detail: /^401, it asks for a login,/,
  },
  {
    what: 'a redirect to a single sign-on',
    answer: (_, response) => response.writeHead(302, { location: 'https://login.example/?back=secret' }).end(),
    more: { mayWantLogin: true, follow: ['foobar.com'] },
    ok: true,
    detail: /^302 to https:\/\/login\.example\/, another site,/,
  },
  {
    what: 'a circle, which is none',
    answer: (_, response) => response.writeHead(302, { location: '/' }).end(),
    more: { mayWantLogin: true, follow: ['foobar.com'] },
    ok: false,
    detail: /^302 to \/ instead of 200/,
  },
  {
    what: 'an installer, by its address',
    answer: ({ url }, response) =>
      url === '/' ? response.writeHead(302, { location: '/wp-admin/install.php' }).end() : response.end('Welcome'),
    more: { whenUnfinished: 'Open it.', follow: ['foobar.com'] },
    ok: true,
    warning: 'Open it.',
    detail: /; the page is an installer: the application is not set up$/,
  },
  {
    what: 'a setup error, by its title',
    answer: (_, response) => response.end('<title>Setup Error</title> Welcome'),
    more: { whenUnfinished: 'Open it.' },
    ok: true,
    warning: 'Open it.',
    detail: /; the page is a setup error: the application is not set up$/,
  },
  {
    what: 'a front page whose installer is still open',
    answer: ({ url }, response) => response.end(url === '/install.php' ? '<input name="a" type="password">' : 'Welcome'),
    more: { whenUnfinished: 'Open it.', installer: '/install.php' },
    ok: true,
    warning: 'Open it.',
    detail: /; \/install\.php still asks for the first password: the application is not set up$/,
  },
  {
    what: 'a front page whose installer has ended',
    answer: (_, response) => response.end('Welcome'),
    more: { whenUnfinished: 'Open it.', installer: '/install.php' },
    ok: true,
    detail: /B$/,
  },
  {
    what: 'a front page whose installer leads to a login',
    answer: ({ url }, response) =>
      url === '/install.php' ? response.writeHead(302, { location: '/login' }).end() : response.end('Welcome <input type="password">'),
    more: { whenUnfinished: 'Open it.', installer: '/install.php', follow: ['foobar.com'] },
    ok: true,
    detail: /B$/,
  },
  {
    what: 'a page of something else',
    answer: (_, response) => response.end('Apache2 Debian Default Page'),
    ok: false,
    detail: /^200 for .*, but the body does not contain "Welcome"/,
  },
  {
    what: 'a server name that would paint the terminal',
    answer: (_, response) => response.setHeader('server', 'x\u009b31m').end('Welcome'),
    ok: true,
    detail: /Server: x[^\u0080-\u009f]* 31m$/,
  },
  {
    what: 'a page without an end, which holds the text',
    answer: (_, response) => void response.write('Welcome'.repeat(1_000_000)),
    ok: true,
    detail: /^200 in \d+ ms, 4\.\d MB$/,
  },
];

describe('checkHttp', () => {
  it.each(cases)('$what', async ({ answer, more, ok, detail, warning }) => {
    const found = await ask(answer, more);
    expect(found).toMatchObject({ ok, detail: expect.stringMatching(detail) });
    expect(found.warning).toBe(warning);
  });

  it('rejects if the connection is cut before or during the answer', async () => {
    await expect(ask((_, response) => response.destroy())).rejects.toThrow('socket hang up');
    await expect(
      ask((_, response) => response.writeHead(200, { 'content-length': 10 }).write('W', () => response.destroy())),
    ).rejects.toThrow('aborted');
  });

  it('stops waiting for a silent server', async () => {
    await expect(ask(() => {}, {}, 0.1)).rejects.toThrow('no answer within 0.1 s');
  });
});
