import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';

/** A mail as a relay has taken it. */
export interface Taken {
  readonly user: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly text: string;
}

export interface Relay {
  readonly port: number;
  /** The PEM text of its certificate, which signs itself. */
  readonly certificate: string;
  readonly taken: readonly Taken[];
  readonly close: () => void;
}

/** A mail server (RFC 5321) that takes mail from these users alone, and wants a login over an encrypted connection (STARTTLS). */
export async function relay(address: string, users: Readonly<Record<string, string>>): Promise<Relay> {
  const folder = mkdtempSync(join(tmpdir(), 'foobar-relay-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=relay', '-addext', `subjectAltName=IP:${address}`];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  const certificate = readFileSync(cert, 'utf8');
  const secureContext = createSecureContext({ key: readFileSync(key), cert: certificate });
  rmSync(folder, { recursive: true });
  const taken: Taken[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket, false);
  });

  function serve(socket: Socket, isSecure: boolean): void {
    let [user, sender, text, waiting] = ['', '', '', ''];
    let recipients: string[] = [];
    let isData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string) => {
      if (isData && line !== '.') text += `${line}\n`;
      else if (isData) {
        isData = false;
        taken.push({ user, sender, recipients, text });
        say('250 taken');
      } else if (/^EHLO/i.test(line)) say(isSecure ? '250-relay\r\n250 AUTH PLAIN' : '250-relay\r\n250 STARTTLS');
      else if (/^STARTTLS/i.test(line)) {
        say('220 go ahead');
        socket.removeAllListeners('data');
        const secure = new TLSSocket(socket, { isServer: true, secureContext });
        secure.on('error', () => undefined);
        serve(secure, true);
      } else if (/^AUTH PLAIN /i.test(line)) {
        const [, name = '', password = ''] = Buffer.from(line.slice(11), 'base64').toString().split('\0');
        if (users[name] === password) user = name;
        say(user === '' ? '535 no' : '235 yes');
      } else if (user === '' && !/^(?:QUIT|RSET)/i.test(line)) say('530 log in first');
      else if (/^MAIL FROM:/i.test(line)) {
        sender = /<(.*)>/.exec(line)?.[1] ?? '';
        recipients = [];
        text = '';
        say('250 ok');
      } else if (/^RCPT TO:/i.test(line)) {
        recipients.push(/<(.*)>/.exec(line)?.[1] ?? '');
        say('250 ok');
      } else if (/^DATA/i.test(line)) {
        isData = true;
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    };
    socket.on('data', (bytes) => {
      const lines = `${waiting}${bytes}`.split('\r\n');
      waiting = lines.pop() ?? '';
      lines.forEach(hear);
    });
    if (!isSecure) say('220 relay');
  }

  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return { port, certificate, taken, close: () => server.close() };
}
