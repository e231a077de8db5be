import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Has the `run.php` of a site run this code, and says what it printed. */
export async function runPhp(host: string, domain: string, code: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port: 80, path: '/run.php', method: 'POST', headers: { Host: domain }, agent: false, timeout: 30_000 },
      (answer) => {
        text(answer).then(resolve, reject);
      },
    );
    sent.on('error', reject);
    sent.end(code);
  });
}
