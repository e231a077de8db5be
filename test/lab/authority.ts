import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get as getSecurely } from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { unsupported } from '../../src/sandbox/index.ts';

/** A CA and an internet of a test's own: names lead where the test says, and the CA looks there. */
export interface Authority {
  readonly directory: string;
  /** A PEM file of the CA that signs its certificates, and of the one that signed its own. */
  readonly bundle: string;
  /** The folder of its files, which goes with it. */
  readonly folder: string;
  /** What the program under test needs to ask this internet for names. */
  readonly env: { readonly FOOBAR_DNS_SERVERS: string };
  /** From now on the names lead to these addresses; nowhere without any. */
  readonly lead: (names: readonly string[], ...addresses: readonly string[]) => Promise<void>;
  /** From now on the CA cannot be reached, or can be again. */
  readonly stop: () => void;
  readonly start: () => void;
  /**
   * Another CA at the same place, with these words of pebble's configuration, which knows no accounts and no certificates of the one
   * before.
   */
  readonly replace: (more?: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Why there can be none here. */
export function withoutAuthority(): string | undefined {
  const missing = ['pebble', 'pebble-challtestsrv', 'openssl'].filter(
    (name) => !['/usr/bin', '/usr/sbin', '/usr/local/bin'].some((folder) => existsSync(join(folder, name))),
  );
  return unsupported() ?? (missing.length > 0 ? `this needs ${missing.join(' and ')}: apt-get install pebble openssl` : undefined);
}

/** Starts both. The CA listens at `gateway`, which is where a sandbox reaches this machine. */
export async function authority(gateway: string): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'foobar-ca-'));
  const [api, door, management, dns, records] = await Promise.all(Array.from({ length: 5 }, freePort));
  certify(folder, gateway);
  const nowhere = ['-http01', '', '-https01', '', '-tlsalpn01', ''];
  const defaults = ['-defaultIPv4', '', '-defaultIPv6', ''];
  const names = spawn(
    'pebble-challtestsrv',
    ['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${records}`, ...nowhere, ...defaults],
    {
      stdio: 'ignore',
    },
  );
  let ca: ChildProcess | undefined;
  const bundle = join(folder, 'bundle.pem');

  const tell = async (what: string, data: object) => {
    for (let left = 100; ; left--) {
      const answer = await fetch(`http://127.0.0.1:${records}/${what}`, { method: 'POST', body: JSON.stringify(data) }).catch(
        () => undefined,
      );
      if (answer?.ok) return;
      if (left === 0) throw new Error(`the test's nameserver does not take ${what}`);
      await sleep(50);
    }
  };
  let isOpen = true;
  // The way to the CA is a relay that can be cut while the CA itself lives on.
  const relay = createServer((from) => {
    from.on('error', () => undefined);
    if (!isOpen) return void from.destroy();
    const to = connect(Number(api), '127.0.0.1');
    to.on('error', () => from.destroy());
    from.pipe(to).pipe(from);
  }).listen(Number(door), gateway);
  const replace = async (more: Readonly<Record<string, unknown>> = {}) => {
    if (ca) await ended(ca);
    const pebble = {
      listenAddress: `127.0.0.1:${api}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: join(folder, 'api.pem'),
      privateKey: join(folder, 'api.key'),
      httpPort: 80,
      tlsPort: 443,
      ...more,
    };
    writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
    ca = spawn('pebble', ['-config', join(folder, 'pebble.json'), '-dnsserver', `127.0.0.1:${dns}`], {
      stdio: 'ignore',
      // Of its habits to confuse clients on purpose, none is about us.
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
    });
    writeFileSync(bundle, `${readFileSync(join(folder, 'ca.pem'), 'utf8')}${await rootOf(Number(management))}`);
  };
  await replace();
  return {
    directory: `https://${gateway}:${door}/dir`,
    bundle,
    folder,
    env: { FOOBAR_DNS_SERVERS: `127.0.0.1:${dns}` },
    lead: async (hosts, ...addresses) => {
      for (const host of hosts) {
        await tell('clear-a', { host });
        if (addresses.length > 0) await tell('add-a', { host, addresses });
      }
    },
    stop: () => {
      isOpen = false;
    },
    start: () => {
      isOpen = true;
    },
    replace,
    end: async () => {
      if (ca) await ended(ca);
      relay.close();
      await ended(names);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/**
 * The key and certificate of the CA's own web server, and who signed that: with all that RFC 5280 asks of them, as Python does since 3.13.
 */
function certify(folder: string, gateway: string): void {
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const signs = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl('req', '-x509', ...key, ...signs, '-days', '30', '-subj', '/CN=the lab', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...key, '-subj', '/CN=acme', '-keyout', 'api.key', '-out', 'api.csr');
  writeFileSync(join(folder, 'api.ext'), `subjectAltName=IP:${gateway}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'api.ext'];
  openssl('x509', '-req', '-in', 'api.csr', ...signed, '-out', 'api.pem');
}

/** The certificate of the CA that this start of pebble has made up, once it listens. */
async function rootOf(management: number): Promise<string> {
  for (let left = 100; ; left--) {
    const root = await new Promise<string | undefined>((resolve) => {
      const request = getSecurely(
        { host: '127.0.0.1', port: management, path: '/roots/0', rejectUnauthorized: false, agent: false },
        (answer) => text(answer).then(resolve, () => resolve(undefined)),
      );
      request.on('error', () => resolve(undefined));
    });
    if (root?.startsWith('-----BEGIN')) return root;
    if (left === 0) throw new Error('pebble does not start');
    await sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  server.close();
  if (at === null || typeof at === 'string') throw new Error('a TCP server has a port');
  return at.port;
}
