import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, authority, withoutAuthority } from '../lab/authority.ts';
import { cli, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';

/** What testssl.sh says that is not about us, by its own names, with the reason why it stays. */
const waived: Readonly<Record<string, string>> = {
  engine_problem: "testssl.sh's own OpenSSL has no engine for GOST ciphers",
  // A ticket comes right after the handshake, and the tool has hung up by then on a busy machine: it says that it could not connect.
  sessionresumption_ticket: 'a test below waits for the ticket',
  cert_revocation: "the lab's CA names no place for revocations; Let's Encrypt does",
  // An attack that makes a visitor's browser ask for the same page again and again, with the visitor's cookies, from another site.
  BREACH:
    "the site's cookies are SameSite=Lax, so a browser sends none along with what other sites ask for, and a page without them holds no secret",
};

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** The tool's own trouble with a connection. */
const notAsked = ({ id, finding }: Finding) =>
  !(id in waived) && (id === 'scanProblem' || /connect problem|couldn't connect/i.test(finding));

describe('TLS according to other tools', () => {
  const here = lab('trixie', { include: ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql', 'certbot'] }, withoutAuthority());
  // Debian 12 has a testssl.sh that gives no grade, so a host of its own looks.
  const eye = lab('trixie', { include: ['testssl.sh', 'curl'] }, withoutAuthority());
  let ca: Authority;

  beforeAll(async () => {
    if (withoutAuthority() !== undefined) return;
    ca = await authority(here.host.gateway);
    await ca.replace({ certificateValidityPeriod: 7_776_000 });
    await ca.lead(['www.foobar.com', 'foobar.com'], here.host.address);
    const https = { directory: ca.directory, caBundle: ca.bundle };
    const cwd = folder({ 'foobar.config.json': JSON.stringify({ domain: 'www.foobar.com', php: { extensions: [] }, https }) });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd, env: ca.env });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    await exec(eye.host, `cat >/root/ca.pem <<'PEM'\n${readFileSync(ca.bundle, 'utf8')}PEM`);
  });
  afterAll(async () => {
    await ca?.end();
  });

  /** What testssl.sh finds, in its own words. */
  async function look(): Promise<readonly Finding[]> {
    const { stdout } = await exec(
      eye.host,
      `rm -f /root/found.json; testssl --quiet --color 0 --add-ca /root/ca.pem --nodns none --ip ${here.host.address} --jsonfile /root/found.json https://www.foobar.com >/root/found.log 2>&1; cat /root/found.json`,
    );
    return JSON.parse(stdout) as readonly Finding[];
  }

  test('testssl.sh gives A+, and no finding is worse than OK', { timeout: 1_200_000 }, async () => {
    const first = await look();
    // What it could not ask it has not seen, which on a busy machine says nothing about us.
    const found = first.some(notAsked) ? await look() : first;
    expect(found.filter(notAsked)).toEqual([]);
    expect(found.length).toBeGreaterThan(100);
    expect(found.find(({ id }) => id === 'overall_grade')?.finding).toBe('A+');
    const worse = found.filter(({ id, severity }) => severity !== 'OK' && severity !== 'INFO' && !(id in waived));
    expect(worse.map(({ id, severity, finding }) => `${id} ${severity}: ${finding}`)).toEqual([]);
  });

  test.each([
    ['--http3-only', '3 200'],
    ['--http2', '2 200'],
    ['--http1.1', '1.1 200'],
  ])('curl %s', async (version, expected) => {
    const asked = `curl -sS ${version} --cacert /root/ca.pem --resolve www.foobar.com:443:${here.host.address} -o /dev/null -w '%{http_version} %{http_code}' https://www.foobar.com/`;
    expect((await exec(eye.host, asked)).stdout).toBe(expected);
  });

  test('a session is resumed', async () => {
    const client = `openssl s_client -connect ${here.host.address}:443 -servername www.foobar.com -CAfile /root/ca.pem`;
    const asked = `sleep 3 | ${client} -sess_out /root/session >/dev/null 2>&1; ${client} -sess_in /root/session </dev/null 2>&1`;
    expect((await exec(eye.host, asked)).stdout).toMatch(/^Reused, TLSv1\.3/m);
  });

  test('a handshake uses the curve that resists quantum computers', async () => {
    const asked = `openssl s_client -connect ${here.host.address}:443 -servername www.foobar.com -CAfile /root/ca.pem </dev/null 2>&1`;
    expect((await exec(eye.host, asked)).stdout).toMatch(/X25519MLKEM768.*Verify return code: 0 \(ok\)/s);
  });
});
