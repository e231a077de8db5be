import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cli, folder } from '../lab/cli.ts';
import { lab } from '../lab/host.ts';

const front = `<?php
if (isset($_GET['slow'])) { set_time_limit(0); sleep(70); echo 'done'; }
else echo $_SERVER['REQUEST_METHOD'], ' ', strlen(file_get_contents('php://input'));
`;

describe('a request that takes long', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm'] });
  const site = {
    domain: 'limits.test',
    www: false,
    https: false,
    app: { source: 'app' },
    database: { engine: 'none' },
    host: false,
    limits: { upload: '100M', seconds: 120 },
  };
  const app = folder({ 'foobar.config.json': JSON.stringify(site), 'app/index.php': front });

  /** Sends half of a body, pauses, and sends the rest. Returns the status and body of the response. */
  async function visit(path: string, size = 0, pauseSeconds = 0): Promise<readonly [number | undefined, string]> {
    const headers = { Host: 'limits.test', ...(size > 0 && { 'Content-Length': String(size) }) };
    const asked = request({ host: here.host.address, path, method: size > 0 ? 'POST' : 'GET', headers, agent: false });
    const answered = new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
    if (size > 0) asked.write(Buffer.alloc(size / 2));
    await sleep(pauseSeconds * 1000);
    asked.end(size > 0 ? Buffer.alloc(size / 2) : undefined);
    const answer = await answered;
    return [answer.statusCode, await text(answer)];
  }

  test('is answered after more than a minute, and an upload may pause for 20 s', { timeout: 180_000 }, async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const [slow, paused] = await Promise.all([visit('/?slow'), visit('/', 1_000_000, 20)]);
    expect(slow).toEqual([200, 'done']);
    expect(paused).toEqual([200, 'POST 1000000']);
  });
});
