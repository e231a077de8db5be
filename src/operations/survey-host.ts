import type { Command } from '../command/command.ts';
import type { InventoryHost } from '../config/inventory.ts';
import { peersOf } from '../engine/peers.ts';
import { playbooksFor } from '../engine/playbook.ts';
import { leftoversText, listsIn, parseSurvey, type Survey, surveyScript } from '../engine/survey.ts';
import { nginxAdvice } from '../facts/nginx-advice.ts';
import type { Connected } from '../transport/options.ts';
import { type Output, surveyTimeoutSeconds, type Transport } from '../transport/transport.ts';
import { interruptedImport } from './finish-imports.ts';
import { withHttpsDecision } from './https-decision.ts';
import { isInMaintenance } from './in-maintenance.ts';
import { type ReadAhead, reading, readingAhead } from './read-ahead.ts';
import type { ResolvedConfig } from './resolve-config.ts';
import { type Context, closeConnection, type HostSession } from './session.ts';

/** Returns the script that surveys a host of the configuration. */
export function scriptFor(host: InventoryHost, { config, playbooks, dropped = [] }: ResolvedConfig): Command {
  return surveyScript(config, host, playbooksFor(host, playbooks), playbooksFor(host, dropped));
}

/** Surveys the host of a session again, with the same script. */
export async function resurvey(session: HostSession): Promise<HostSession> {
  const { host, transport, configBeforeHttps: config, playbooks, dropped } = session;
  const output = await transport.script(surveyScript(config, host, playbooks, dropped), { timeout: surveyTimeoutSeconds });
  const survey = parseSurvey(output, config.name, transport.login);
  // The names were not looked up again.
  const { pointingNames } = session.survey.facts;
  return {
    ...session,
    read: reading(transport),
    survey: { ...survey, facts: { ...survey.facts, ...(pointingNames && { pointingNames }) } },
  };
}

/** Surveys a host that is already connected. */
export async function surveyConnected(
  host: InventoryHost,
  resolved: ResolvedConfig,
  transport: Transport,
  context: Context,
): Promise<HostSession> {
  const output = await transport.script(scriptFor(host, resolved), { timeout: surveyTimeoutSeconds });
  return surveyed(host, resolved, transport, output, context);
}

/**
 * Parses the survey that came with a connection. If that fails, the connection is closed. If the operation is going to read the host, that
 * begins at once.
 */
export async function sessionOf(
  host: InventoryHost,
  resolved: ResolvedConfig,
  { transport, first }: Connected,
  context: Context,
  ahead?: ReadAhead,
): Promise<HostSession> {
  const read = ahead && readingAhead(transport, resolved.config, ahead);
  const output = await first.catch(async (error: unknown) => {
    await transport.close();
    throw error;
  });
  const session = await surveyed(host, resolved, transport, output, context);
  return read ? { ...session, read } : session;
}

/** Parses a survey. If that fails, the connection is closed. */
async function surveyed(
  host: InventoryHost,
  resolved: ResolvedConfig,
  transport: Transport,
  output: Output,
  { emit }: Context,
): Promise<HostSession> {
  const { config } = resolved;
  try {
    const survey = parseSurvey(output, config.name, transport.login);
    emit({ event: 'connected', host: transport.host, title: survey.facts.title });
    for (const text of notesOf(survey, config)) emit({ event: 'note', host: transport.host, text });
    return await withHttpsDecision(newSession(host, resolved, transport, survey), config, emit);
  } catch (error) {
    await closeConnection(transport, listsIn(output));
    throw error;
  }
}

/** Returns the session of a surveyed host, before HTTPS is decided, and before the other hosts are known. */
export function newSession(host: InventoryHost, resolved: ResolvedConfig, transport: Transport, survey: Survey): HostSession {
  const { config, dropped = [] } = resolved;
  const playbooks = playbooksFor(host, resolved.playbooks);
  const ofOtherRoles = resolved.playbooks.filter((playbook) => !playbooks.includes(playbook));
  return {
    host,
    peers: peersOf(host, []),
    config,
    configBeforeHttps: config,
    waiting: [],
    playbooks,
    dropped: [...dropped, ...ofOtherRoles],
    transport,
    survey,
    read: reading(transport),
  };
}

/** Returns what a person should know about the host before anything is done there. */
function notesOf(survey: Survey, { sites }: ResolvedConfig['config']): readonly string[] {
  const { interruptedRun, active, refusal, leftovers, observed } = survey;
  return [
    ...sites.flatMap(({ domain }) =>
      isInMaintenance(survey, domain)
        ? [`${domain} is in maintenance: visitors get 503. \`foobar-provision maintenance off\` ends it.`]
        : [],
    ),
    ...(interruptedRun && !active
      ? [
          `The last run here (${interruptedRun.id}) was interrupted at ${interruptedRun.step || 'its start'}; the next one continues from there.`,
        ]
      : []),
    ...(refusal
      ? [
          `Nginx rejects its configuration on the host, so it does not reload and would not start after a reboot: ${refusal}. ${nginxAdvice(refusal) ?? 'Fix that file if it is yours; a run fixes ours.'}`,
        ]
      : []),
    ...sites.flatMap(({ domain }) =>
      observed.get(`mysql ${domain}`) === interruptedImport
        ? [`An import into the database of ${domain} was interrupted; the next run or deploy finishes it.`]
        : [],
    ),
    ...(leftovers ? [`Interrupted runs have left something here (${leftoversText(leftovers)}); the next run removes it.`] : []),
  ];
}
