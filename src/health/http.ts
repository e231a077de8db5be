import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Command } from '../command/command.ts';
import { type CheckDefinition, defineCheck, type Explained, type Finding } from './check.ts';
import { connect, placeOf } from './connect.ts';
import type { HealthContext } from './context.ts';
import { readLog } from './log.ts';
import { ofTheApplication, oneLine, reason } from './reason.ts';
import { type Following, leaves, maxRedirects, type PageRequest, redirected } from './redirect.ts';
import { refusedWrites, type Writing } from './refused-writes.ts';
import { secure } from './secure.ts';
import { unfinished } from './unfinished.ts';

/** Checks that a plain HTTP request for `path` gets `status` and a body, directly or after redirects to names in `follow`. */
export interface HttpCheck extends Explained, Following {
  /** The `Host` header. */
  readonly host: string;
  readonly path: string;
  /** Text that the body must contain. */
  readonly contains?: string;
  /** Whether an empty body is healthy too. */
  readonly mayBeEmpty?: boolean;
  /** Whether status 401 and a redirect to another site are healthy too, because the application may require a login. */
  readonly mayWantLogin?: boolean;
  /** What to do if the page shows that the application is not set up. Without it, the page is not examined for that. */
  readonly whenUnfinished?: string;
  /** The address of the application's installer, if its front page does not lead there. */
  readonly installer?: string;
  /** The command that prints today's errors about files that the application could not write, and the paths that it may write. */
  readonly refused?: { readonly log: Command } & Writing;
}

/** The number of bytes of a body that are read. */
const maxBodyBytes = 4_000_000;

/** Checks that a GET with the site's `Host` header gets the expected answer, directly or after redirects. */
export async function checkHttp(check: HttpCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const page = await lastAnswer(check, context, signal);
  const finding = withRefused(
    judge(check, page.answer, page.asked),
    check.refused && context.readsLogs !== false ? await refusedBy(check.refused, context) : undefined,
  );
  const { installer, whenUnfinished } = check;
  if (!finding.ok || finding.warning !== undefined || installer === undefined || whenUnfinished === undefined) return finding;
  // Some applications show a front page before they are set up, and let anybody set them up.
  const { answer, asked } = await lastAnswer({ ...check, path: installer }, context, signal);
  if (answer.status !== 200 || !asksForPassword(answer.body) || withoutQuery(asked.path) !== installer) return finding;
  const detail = `${finding.detail}; ${installer} still asks for the first password: the application is not set up`;
  return { ok: true, detail, warning: whenUnfinished, withoutLog: true };
}

async function refusedBy({ log, ...writing }: NonNullable<HttpCheck['refused']>, { transport }: HealthContext) {
  return refusedWrites(await readLog(transport, log, (text) => text), writing);
}

/** Adds what to do about files that the application could not write. An unfinished installation may have the same cause. */
function withRefused(finding: Finding, refused: string | undefined): Finding {
  if (!finding.ok || refused === undefined) return finding;
  return { ...finding, warning: finding.warning === undefined ? refused : `${finding.warning} ${refused}`, withoutLog: true };
}

/** Requests a page and follows its redirects, as far as the check does. */
async function lastAnswer(check: HttpCheck, context: HealthContext, signal: AbortSignal): Promise<{ answer: Answer; asked: PageRequest }> {
  let asked: PageRequest = check;
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(asked, asked.isSecure ? (check.secure ?? 443) : check.port, context, signal);
    const next = redirected(check, asked, answer.status, answer.location);
    if (next === undefined || redirects === maxRedirects) return { answer, asked };
    asked = next;
  }
}

function asksForPassword(body: Buffer): boolean {
  return /<input\b[^>]*\btype=["']?password\b/i.test(body.toString());
}

/** Sends one GET and reads the complete answer. */
export async function ask(asked: PageRequest, port: number, context: HealthContext, signal: AbortSignal): Promise<Answer> {
  return askOver(await connect(context, port, signal), asked, signal);
}

/** Does the same over an open connection. */
export async function askOver(plain: Duplex, asked: PageRequest, signal: AbortSignal): Promise<Answer> {
  const stream = asked.isSecure ? await secure(plain, asked.host, signal) : plain;
  const start = performance.now();
  const response = await get(stream, asked);
  const ms = Math.round(performance.now() - start);
  const body = await read(response);
  const { server, location } = response.headers;
  return { status: response.statusCode ?? 0, server: [server].flat()[0], location, ms, body };
}

/** Resolves to the head of the answer, once its first bytes have arrived. */
function get(stream: Duplex, { host, path }: PageRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': 'foobar-provision', accept: '*/*' };
    const sent = request({ createConnection: () => stream, path, headers }, resolve);
    // The reader of the body handles later errors; this listener stays so that none is uncaught.
    sent.on('error', reject);
    sent.end();
  });
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) break;
  }
  return Buffer.concat(chunks);
}

interface Answer {
  readonly status: number;
  readonly server: string | undefined;
  readonly location: string | undefined;
  /** The time to the first byte, in milliseconds. */
  readonly ms: number;
  readonly body: Buffer;
}

/** Judges the last answer. Never shows the body or a query, because they may contain a password. */
function judge(check: HttpCheck, { status, server, location, ms, body }: Answer, asked: PageRequest): Finding {
  const place = `${asked.isSecure ? 'https' : 'http'}://${asked.host}${asked === check ? asked.path : withoutQuery(asked.path)}`;
  const by = asked === check ? '' : `, redirected to ${oneLine(place, 100)}`;
  const evidence = `in ${ms} ms, ${size(body.length)}${server === undefined ? '' : `, Server: ${oneLine(server, 60)}`}${by}`;
  const url = `http://${check.host}${check.path}`;
  if (status !== check.status) {
    const to = location === undefined ? '' : ` to ${oneLine(withoutQuery(location), 100)}`;
    if (check.mayWantLogin && status === 401) return { ok: true, detail: `401, it asks for a login, ${evidence}` };
    if (check.mayWantLogin && leaves(check, asked, status, location))
      return { ok: true, detail: `${status}${to}, another site, ${evidence}` };
    return { ok: false, detail: `${status}${to} instead of ${check.status} for ${url} ${evidence}` };
  }
  if (body.length === 0 && check.mayBeEmpty) return { ok: true, detail: `${status} with an empty body ${evidence}` };
  if (body.length === 0) return { ok: false, detail: `${status} for ${url} with an empty body ${evidence}` };
  if (check.contains !== undefined && !body.includes(check.contains)) {
    return { ok: false, detail: `${status} for ${url}, but the body does not contain "${oneLine(check.contains, 60)}" ${evidence}` };
  }
  const shown = check.whenUnfinished === undefined ? undefined : unfinished(withoutQuery(asked.path), body);
  if (shown === undefined) return { ok: true, detail: `${status} ${evidence}` };
  return {
    ok: true,
    detail: `${status} ${evidence}; the page is ${shown.page}`,
    ...(check.whenUnfinished !== undefined && { warning: check.whenUnfinished }),
    withoutLog: !shown.isLogged,
  };
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*/s, '');
}

/** Returns a readable size in decimal units. */
function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const byHttp: Pick<CheckDefinition<HttpCheck>, 'ask' | 'failure'> = {
  ask: checkHttp,
  failure: ({ port }, context, error) => reason(error, placeOf(context, port), ofTheApplication),
};

/** Checks that the web server answers with a file. */
export const nginxCheck = defineCheck<HttpCheck>({ hop: 'nginx', place: 'web server', ...byHttp });

/** Checks that the application answers. */
export const appCheck = defineCheck<HttpCheck>({ hop: 'app', place: 'application', ...byHttp });
