import { Writable } from 'node:stream';
import { type Command, lines, sh } from '../command/command.ts';
import { reveal } from '../command/secret.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { Problem } from '../error.ts';
import type { Output, Transport } from '../transport/transport.ts';
import { missingApacheIncludes } from './apache.ts';
import type { Credentials } from './credentials.ts';
import { missingIncludes, type Texts } from './nginx.ts';
import { phpFiles } from './php.ts';

export const oldServer = bundledLibrary('import/old-server.sh');

/** Returns a script with the functions for an old server. They only read. */
export function onOldServer(...commands: readonly Command[]): Command {
  return lines(oldServer.definitions(), ...commands);
}

/** The files that describe the sites of a server, their PHP, and what else runs for them. */
const usualFiles = [
  '/etc/nginx/nginx.conf',
  '/usr/local/nginx/conf/nginx.conf',
  '/usr/local/etc/nginx/nginx.conf',
  '/opt/nginx/conf/nginx.conf',
  '/etc/nginx/conf.d/*.conf',
  '/etc/nginx/sites-enabled/*',
  '/etc/nginx/snippets/*.conf',
  '/etc/apache2/apache2.conf',
  '/etc/apache2/envvars',
  '/etc/apache2/sites-enabled/*',
  '/etc/apache2/conf-enabled/*',
  '/etc/apache2/mods-enabled/php*',
  '/etc/httpd/conf/httpd.conf',
  '/etc/httpd/conf.d/*.conf',
  '/etc/httpd/conf.modules.d/*php*',
  '/usr/local/apache2/conf/httpd.conf',
  ...phpFiles,
  '/etc/crontab',
  '/etc/cron.d/*',
  '/etc/supervisor/conf.d/*.conf',
  '/etc/supervisord.d/*.ini',
  '/etc/systemd/system/*.service',
];

/** The description of a server, before one of its sites is chosen. */
export interface ServerDescription {
  /** The distribution, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly title: string;
  readonly user: string;
  /** The folders in which the site may be if no web server's configuration names it. */
  readonly folders: readonly string[];
  /** The programs that copying needs and that the server lacks. */
  readonly missing: readonly string[];
  readonly texts: Texts;
}

/** The number of times that includes of includes are followed. */
const maxRounds = 4;

/** Reads what describes the sites of a server. */
export async function describeServer(transport: Transport, domain: string): Promise<ServerDescription> {
  const output = await read(transport, sh`describe_server ${domain}; print_files ${usualFiles}`);
  const texts = new Map(filesIn(output));
  const seen = new Set<string>();
  for (let round = 0; round < maxRounds; round += 1) {
    // Files outside these folders may belong to a site, so they must not be read with root's rights.
    const patterns = [...missingIncludes(texts, seen), ...missingApacheIncludes(texts, seen)].filter((pattern) =>
      /^\/(?:etc|usr|opt)\//.test(pattern),
    );
    if (patterns.length === 0) break;
    for (const pattern of patterns) seen.add(pattern);
    for (const [path, text] of filesIn(await read(transport, sh`print_files ${patterns}`))) texts.set(path, text);
  }
  return {
    title: valuesOf(output, 'title')[0] || 'Linux',
    user: valuesOf(output, 'user')[0] ?? transport.login.user,
    folders: valuesOf(output, 'folder'),
    missing: valuesOf(output, 'missing'),
    texts,
  };
}

/** Resolves to the addresses of a server, as far as it says them. */
export async function addressesOf(transport: Transport): Promise<readonly string[]> {
  const { stdout } = await transport.script(sh`ip -o addr show scope global 2>/dev/null || hostname -I 2>/dev/null; :`);
  const found = [...stdout.matchAll(/\binet6?\s+([0-9a-fA-F:.]+)/g)].map(([, address = '']) => address);
  return [transport.address, ...(found.length > 0 ? found : stdout.split(/\s+/).filter(Boolean))];
}

/** Runs a script that only reads, and returns its output. */
export async function read(transport: Transport, command: Command, timeout = 120): Promise<string> {
  return (await transport.script(onOldServer(command), { timeout })).stdout;
}

/** Returns the files that `print_files` has printed. */
export function filesIn(output: string): readonly (readonly [path: string, text: string])[] {
  return output.split('\n').flatMap((line): [string, string][] => {
    const [mark, path = '', encoded = ''] = line.split('\t');
    return mark === '#file' ? [[path, Buffer.from(encoded, 'base64').toString('utf8')]] : [];
  });
}

export function valuesOf(output: string, name: string): readonly string[] {
  return output.split('\n').flatMap((line) => (line.startsWith(`#${name}\t`) ? [line.slice(name.length + 2)] : []));
}

/** Reads files of the site with the rights of its user. Paths are relative to `root`. */
export async function readSiteFiles(transport: Transport, user: string, root: string, paths: readonly string[]): Promise<Texts> {
  if (paths.length === 0) return new Map();
  const output = await read(transport, sh`print_site_files ${user} ${paths.map((path) => `${root}/${path}`)}`);
  return new Map(filesIn(output).map(([path, text]) => [path.slice(root.length + 1), text]));
}

/** Returns a command that sets the options for the old server's database. The script travels on standard input, and so does the password. */
function withOptions({ host, port, socket, user, password }: Credentials): Command {
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\')}"`;
  const options = [
    '[client]',
    `host=${host}`,
    ...(port ? [`port=${port}`] : []),
    ...(socket ? [`socket=${socket}`] : []),
    `user=${quoted(user)}`,
    `password=${quoted(reveal(password))}`,
    // No client can verify a database server's self-signed certificate. `loose-` is for older clients, which do not know the option.
    'loose-disable-ssl-verify-server-cert',
  ];
  return sh`database_options=${options.join('\n')}`;
}

/** Runs statements in the old server's database. Rejects with a Problem if it cannot be reached with the application's own password. */
export async function query(transport: Transport, credentials: Credentials, statements: string): Promise<readonly (readonly string[])[]> {
  const output = await transport.run(onOldServer(withOptions(credentials), sh`query_database ${credentials.name}`), {
    input: statements,
    timeout: 600,
  });
  requireDone(transport, output, `the database ${credentials.name} cannot be read`);
  return output.stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
}

/** Writes the database, as statements, to a stream. */
export async function dumpDatabase(transport: Transport, credentials: Credentials, output: Writable, signal: AbortSignal): Promise<void> {
  const script = onOldServer(withOptions(credentials), sh`dump_database ${credentials.name}`);
  const result = await transport.run(script, { output, timeout: copyTimeoutSeconds, signal });
  requireDone(transport, result, `the database ${credentials.name} could not be read to its end`);
}

/** The timeout of a copy: a week. */
export const copyTimeoutSeconds = 7 * 24 * 3600;

/** Runs a script with input, and returns its standard output as bytes, because names of files may be in any encoding. */
export async function readBytes(transport: Transport, command: Command, input?: Buffer, timeout = 3600): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const result = await transport.run(onOldServer(command), { output, timeout, ...(input && { input }) });
  // find and xargs fail if a file has vanished meanwhile or cannot be read, but their output is complete for all others.
  if (result.code > 1 && result.code !== 123 && chunks.length === 0) requireDone(transport, result, 'its files cannot be listed');
  return Buffer.concat(chunks);
}

function requireDone({ host }: Transport, { code, stderr }: Output, what: string): void {
  if (code === 0) return;
  throw new Problem({
    message: `On ${host}, ${what}.`,
    hint: 'Fix the error that the old server reports, then run again. Nothing was changed there.',
    host,
    commandExit: code,
    ...(stderr.trim() !== '' && { stderr: stderr.trim() }),
  });
}
