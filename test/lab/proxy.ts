import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** HAProxy on this machine, which ends TLS before a host as a CDN does. */
export interface FrontProxy {
  /** Asks the host over HTTP, and says in X-Forwarded-Proto how the visitor came. */
  readonly flexible: string;
  /** Redirects everything to HTTPS itself, and asks the host over HTTPS. */
  readonly always: string;
  readonly end: () => Promise<void>;
}

/** Why there can be none here. */
export function withoutProxy(): string | undefined {
  return existsSync('/usr/sbin/haproxy') ? undefined : 'this needs haproxy: apt-get install haproxy';
}

/** Starts it at two addresses, of loopback by default. A host reaches only those of this machine's own end of its link. */
export async function proxy(
  host: string,
  names: readonly string[],
  [flexible, always] = ['127.0.77.11', '127.0.77.12'],
): Promise<FrontProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'foobar-proxy-'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem'];
  const subject = ['-subj', '/CN=proxy', '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`];
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '30', ...subject], { cwd: folder, stdio: 'ignore' });
  const pem = join(folder, 'both.pem');
  writeFileSync(pem, ['cert.pem', 'key.pem'].map((file) => readFileSync(join(folder, file), 'utf8')).join(''));
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  option forwardfor
frontend flexible
  bind ${flexible}:80
  bind ${flexible}:443 ssl crt ${pem}
  http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Proto http unless { ssl_fc }
  default_backend plain
frontend always
  bind ${always}:80
  bind ${always}:443 ssl crt ${pem}
  http-request redirect scheme https code 301 unless { ssl_fc }
  http-request set-header X-Forwarded-Proto https
  default_backend encrypted
backend plain
  server host ${host}:80
backend encrypted
  server host ${host}:443 ssl verify none sni req.hdr(host)
`,
  );
  const child = spawn('/usr/sbin/haproxy', ['-db', '-f', config], { stdio: 'ignore' });
  for (let left = 100; !(await listens(always)); left--) {
    if (left === 0) throw new Error('haproxy does not start');
    await sleep(50);
  }
  return {
    flexible,
    always,
    end: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listens(address: string): Promise<boolean> {
  const socket = connect(443, address);
  socket.on('error', () => undefined);
  const isOpen = await Promise.race([
    once(socket, 'connect').then(
      () => true,
      () => false,
    ),
    sleep(1000, false),
  ]);
  socket.destroy();
  return isOpen;
}
