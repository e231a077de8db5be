import { site } from '../../playbooks/site.ts';
import { hostWithEveryRole } from '../config/inventory.ts';
import { complete } from '../config-file/complete.ts';
import { forgetLists, listsIn } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import { checkDns } from '../health/dns.ts';
import type { Milestone } from '../transport/options.ts';
import { parseTarget } from '../transport/target.ts';
import { surveyTimeoutSeconds } from '../transport/transport.ts';
import type { Connect } from './connect.ts';
import { examineConfig, type NamedConfig } from './doctor/configuration.ts';
import type { RequiredPackages } from './doctor/facts.ts';
import { examinationScript, judgeHost } from './doctor/host.ts';
import { examineAccess, examineNode, examineSsh, type LocalAccess } from './doctor/machine.ts';
import { judgeServer, meetRestrictions } from './doctor/server.ts';
import type { Examined, Result } from './event.ts';
import type { Context } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface DoctorRequest extends LocalAccess, NamedConfig {
  readonly domain?: string | undefined;
}

/**
 * Examines whether this machine can reach and provision the hosts, and what is missing. It changes nothing. The exit code is 1 if something
 * is missing, and 4 if a host is unreachable.
 */
export async function doctor(request: DoctorRequest, connect: Connect, { emit, signal }: Context): Promise<Result> {
  const all: { readonly host?: string; readonly check: Examined }[] = [];
  const tell = (found: readonly Examined[], host?: string) => {
    for (const check of found) {
      const finding = { ...(host && { host }), check };
      all.push(finding);
      emit({ event: 'check', ...finding });
    }
  };
  tell([examineNode(process.versions.node, new Date()), await examineSsh()]);
  const { found, hosts, domain } = await examineConfig(request);
  tell(found);
  for (const { name } of hosts) {
    tell(await examineAccess(parseTarget(name), request));
    const tellOfHost = (seen: readonly Examined[]) => tell(seen, name);
    await examineHost(name, request.domain ?? domain, connect, { emit, signal }, tellOfHost);
  }
  const lacking = all.filter(({ check }) => check.state === 'missing').map(({ check }) => check.name);
  if (lacking.length > 0)
    throw new Problem({
      message: `${lacking.length === 1 ? 'One thing is' : `${lacking.length} things are`} missing: ${lacking.join(', ')}.`,
      hint: 'See above what to do about each.',
    });
  if (hosts.length === 0) emit({ event: 'note', text: 'Name a host to check that too: foobar-provision doctor root@host' });
  const checkedOn = (name: string) => all.filter((each) => each.host === name).length;
  return { ...totalOf(hosts.map(({ name }) => doneResult(name, 0, checkedOn(name)))), checked: all.length };
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
  const { transport } = await connect(server, { onMilestone, signal, direct: true }).catch((error: unknown) => {
    const next = last === undefined || last === 'root' ? way[0] : way[way.indexOf(last) + 1];
    if (error instanceof Problem && error.exit === exitCode.unreachable && next)
      tell([{ name: next, state: 'missing', detail: 'failed; see below' }]);
    throw error;
  });
  try {
    tell(judgeServer(await meetRestrictions(transport)));
    emit({ event: 'stage', host: server, text: 'checking the host' });
    const from = Date.now();
    const required = await requiredPackages(server);
    const output = await transport.script(examinationScript(required), { timeout: surveyTimeoutSeconds });
    await forgetLists(transport, listsIn(output));
    const { found, reading } = judgeHost(output.stdout, { from, to: Date.now() }, required);
    tell(found);
    if (domain) {
      const names = [domain.replace(/^www\./, '')];
      const context = { transport, addresses: reading?.facts.addresses ?? [], secret: () => undefined };
      const { ok, warning, detail } = await checkDns({ names, required: false }, context);
      tell([{ name: 'dns', state: ok && !warning ? 'ok' : 'warning', detail, ...(warning && { hint: warning }) }]);
    }
  } finally {
    await transport.close();
  }
}

/** Resolves to the packages that the playbooks need for a site with the default settings. */
async function requiredPackages(server: string): Promise<RequiredPackages> {
  const config = await complete({}, {});
  const scope = { site: config.sites[0], config, host: hostWithEveryRole(server) };
  return site.flatMap((playbook) => playbook.packages?.(scope) ?? []);
}
