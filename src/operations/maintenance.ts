import { isIP } from 'node:net';
import { template } from '../bundled/template.ts';
import { lines, sh } from '../command/command.ts';
import { identifierOf } from '../config/domain.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { chosenSite } from './chosen-site.ts';
import type { HostResult, Result } from './event.ts';
import { isInMaintenance } from './in-maintenance.ts';
import { onEveryHost } from './on-every-host.ts';
import { hostsWith } from './only-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface MaintenanceRequest {
  readonly site?: string | undefined;
  readonly on: boolean;
  /** The addresses and networks whose visitors still see the site. */
  readonly allowed: readonly string[];
}

/** The seconds after which visitors, and search engines, are asked to come back. */
const retryAfterSeconds = 600;

/** Begins or ends the maintenance of a site. It survives deploys, runs and reboots. */
export async function maintenance(request: MaintenanceRequest, opened: Fleet, context: Context): Promise<Result> {
  for (const address of request.allowed) requireAddress(address);
  const fleet = await onEveryHost(hostsWith(opened, 'web', 'Maintenance'), context, waitForActiveRun);
  return totalOf(await onEveryHost(fleet, context, (session, own) => switchHost(session, request, own)));
}

async function switchHost(session: HostSession, request: MaintenanceRequest, context: Context): Promise<HostResult> {
  const { transport, survey } = session;
  const { host } = transport;
  const { domain } = await chosenSite(session.config, request.site, 'Maintenance', context);
  const was = isInMaintenance(survey, domain);
  const tell = (text: string) => context.emit({ event: 'note', host, text });
  if (!request.on && !was) {
    tell(`${domain} is not in maintenance.`);
    return doneResult(host, 0, 1);
  }
  const output = await transport.run(
    lines(
      // The library writes to a run's journal on descriptor 3, and this command has none.
      sh`exec 3>/dev/null`,
      definitionsOf([library]),
      request.on
        ? sh`begin_maintenance ${domain} ${filesFor(domain, [...survey.facts.addresses, ...request.allowed])}`
        : sh`end_maintenance ${domain}`,
    ),
  );
  if (output.code === 4)
    throw new Problem({
      message: `${domain} has not been provisioned on ${host} yet.`,
      hint: 'Provision it first: foobar-provision',
      host,
    });
  if (output.code !== 0)
    throw new Problem({
      message: `Nginx on ${host} did not accept the change, so ${request.on ? 'nothing has changed' : 'visitors may still see the page'}.`,
      hint: 'Fix the file that it names if it is yours, then run the command again.',
      host,
      stderr: `${output.stdout}${output.stderr}`.trim(),
    });
  tell(request.on ? onText(domain, request.allowed) : `${domain} is served as before.`);
  return doneResult(host, 1, 1);
}

const library = bundledLibrary(
  'maintenance/maintenance.sh',
  bundledLibrary('run/durable.sh'),
  bundledLibrary('web/reload.sh', bundledLibrary('run/journal.sh')),
);

/** Returns the two files for nginx: who is served, and the rule for everybody else. */
export function filesFor(domain: string, allowed: readonly string[]): readonly [string, string] {
  const id = identifierOf(domain);
  return [
    template('maintenance/visitors.conf', { domain, id, allowed: allowed.map((address) => `    ${address} open;`).join('\n') }),
    template('maintenance/rules.conf', { domain, id, seconds: retryAfterSeconds }),
  ];
}

function onText(domain: string, allowed: readonly string[]): string {
  const except = allowed.length > 0 ? `, except those from ${allowed.join(', ')}` : '';
  return `${domain} is in maintenance: visitors get 503${except}. \`foobar-provision maintenance off\` ends it.`;
}

function requireAddress(address: string): void {
  const [ip = '', bits, ...more] = address.split('/');
  const most = { 4: 32, 6: 128 }[isIP(ip)];
  if (most !== undefined && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))) return;
  throw new Problem({
    message: `"${address}" is not an address.`,
    hint: 'Write an address or a network: --allow 203.0.113.7, --allow 2001:db8::/48',
  });
}
