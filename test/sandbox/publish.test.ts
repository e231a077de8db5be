import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publisher } from '../../src/sandbox/publish.ts';

type Site = (request: IncomingMessage, response: ServerResponse) => void;

let site: Site = () => undefined;
const upstream = createServer((request, response) => site(request, response));
let published: Server;
let origin = '';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

beforeEach(async () => {
  published = publisher({ address: '127.0.0.1', port: await listen(upstream), domain: 'foobar.com' });
  origin = `http://127.0.0.1:${await listen(published)}`;
});
afterEach(() => {
  published.close();
  upstream.close();
});

const redirect = async (location: string) => {
  site = (_, response) => response.writeHead(302, { location }).end();
  return (await fetch(`${origin}/a`, { redirect: 'manual' })).headers.get('location');
};

test('the host gets the request whole, under the name of its site', async () => {
  site = async (request, response) => {
    const { method, url, headers } = request;
    response
      .writeHead(201, { 'set-cookie': ['a=1', 'b=2'] })
      .end(JSON.stringify([method, url, headers.host, headers['x-own'], await text(request)]));
  };
  const response = await fetch(`${origin}/p?q=1`, { method: 'POST', body: 'body', headers: { 'x-own': 'kept' } });
  expect(response.status).toBe(201);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await response.json()).toEqual(['POST', '/p?q=1', 'foobar.com', 'kept', 'body']);
});

test.each([
  ['http://www.foobar.com/a?b=c', '/a?b=c'],
  ['http://foobar.com/', '/'],
  ['http://foobar.com:80/a', '/a'],
  ['HTTP://WWW.foobar.com', ''],
])('a redirect to %s is rewritten to this machine', async (location, path) => {
  expect(await redirect(location)).toBe(origin + path);
});

test.each(['/relative', 'https://www.foobar.com/', 'http://foobar.com:8080/', 'http://foobar.com.example.org/', 'http://other.example/'])(
  'a redirect to %s is left alone',
  async (location) => {
    expect(await redirect(location)).toBe(location);
  },
);

test('a site that prefers its other name is reached under that', async () => {
  site = ({ headers, url }, response) => {
    if (headers.host === 'www.foobar.com') return void response.end(`page ${url}`);
    response.writeHead(301, { location: `http://www.foobar.com${url}` }).end();
  };
  expect(await (await fetch(`${origin}/x`)).text()).toBe('page /x');
});

test('a host that is off is a 502 that says so', async () => {
  upstream.close();
  const response = await fetch(`${origin}/`);
  expect({ status: response.status, text: await response.text() }).toMatchObject({
    status: 502,
    text: expect.stringContaining('does not answer on port 80'),
  });
});
