import { load } from '../config-file/load.ts';
import { forgetLists, listsIn } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import { checkDns } from '../health/dns.ts';
import type { Milestone } from '../transport/options.ts';
import { parseTarget } from '../transport/target.ts';
import { surveySeconds } from '../transport/transport.ts';
import type { Connect } from './connect.ts';
import { examinationScript, judgeHost } from './doctor/host.ts';
import { examineAccess, examineNode, examineSsh, type LocalAccess } from './doctor/machine.ts';
import { judgeServer, meetRestrictions } from './doctor/server.ts';
import type { Examined, Result } from './event.ts';
import type { Context } from './session.ts';

export interface DoctorRequest extends LocalAccess {
  readonly server?: string | undefined;
  /** The configuration file; one of the usual names where it is left out. */
  readonly configFile?: string | undefined;
  readonly domain?: string | undefined;
}

/** Can this machine reach and provision that host, and what is missing? It changes nothing. Exit 1 where something is missing, 4 where the host is out of reach. */
export async function doctor(request: DoctorRequest, connect: Connect, { emit, signal }: Context): Promise<Result> {
  const all: Examined[] = [];
  const tell = (found: readonly Examined[], host?: string) => {
    all.push(...found);
    for (const check of found) emit({ event: 'check', ...(host && { host }), check });
  };
  tell([examineNode(process.versions.node, new Date()), await examineSsh()]);
  const config = await examineConfig(request.configFile);
  if (config) tell([config.found]);
  const server = request.server ?? config?.server;
  if (server) {
    tell(await examineAccess(parseTarget(server), request));
    const tellOfHost = (found: readonly Examined[]) => tell(found, server);
    await examineHost(server, request.domain ?? config?.domain, connect, { emit, signal }, tellOfHost);
  }
  const missing = all.filter(({ state }) => state === 'missing').map(({ name }) => name);
  if (missing.length > 0)
    throw new Problem({
      message: `${missing.length === 1 ? 'One thing is' : `${missing.length} things are`} missing: ${missing.join(', ')}.`,
      hint: 'See above what to do about each.',
    });
  if (!server) emit({ event: 'note', text: 'Name a host to check that too: foobar-provision doctor root@host' });
  return { ok: true, changed: 0, checked: all.length, exitCode: exitCode.done };
}

async function examineConfig(named: string | undefined) {
  try {
    const { config, file } = await load(() => import('../index.ts'), named);
    const domain = config.sites?.[0]?.domain ?? config.domain;
    return file === undefined
      ? undefined
      : { found: { name: 'configuration', state: 'ok', detail: file } as const, server: config.server, domain };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { message, hint } = error.details;
    return {
      found: { name: 'configuration', state: 'missing', detail: message, ...(hint && { hint }) } as const,
      server: undefined,
      domain: undefined,
    };
  }
}

const way = ['connection', 'host key', 'login', 'root'] as const;

async function examineHost(
  server: string,
  domain: string | undefined,
  connect: Connect,
  { emit, signal }: Context,
  tell: (found: readonly Examined[]) => void,
): Promise<void> {
  let last: Milestone['reached'] | undefined;
  const onMilestone = ({ reached, host, detail }: Milestone) => {
    last = reached;
    tell([{ name: reached, state: 'ok', detail: host === server ? detail : `${detail} (${host})` }]);
  };
  const { transport } = await connect(server, { onMilestone, signal }).catch((error: unknown) => {
    const next = last === undefined || last === 'root' ? way[0] : way[way.indexOf(last) + 1];
    if (error instanceof Problem && error.exit === exitCode.unreachable && next)
      tell([{ name: next, state: 'missing', detail: 'failed; see below' }]);
    throw error;
  });
  try {
    tell(judgeServer(await meetRestrictions(transport)));
    emit({ event: 'stage', text: 'checking the host' });
    const from = Date.now();
    const output = await transport.script(examinationScript(), { timeout: surveySeconds });
    await forgetLists(transport, listsIn(output));
    const { found, reading } = judgeHost(output.stdout, { from, to: Date.now() });
    tell(found);
    if (domain) {
      const names = [domain.replace(/^www\./, '')];
      const context = { transport, addresses: reading?.facts.addresses ?? [], secret: () => undefined };
      const { ok, warning, detail } = await checkDns({ kind: 'dns', hop: 'dns', names, required: false }, context);
      tell([{ name: 'dns', state: ok && !warning ? 'ok' : 'warning', detail, ...(warning && { hint: warning }) }]);
    }
  } finally {
    await transport.close();
  }
}
