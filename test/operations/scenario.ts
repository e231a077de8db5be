import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sh } from '../../src/command/command.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { handlerId } from '../../src/engine/handler.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { Problem } from '../../src/error.ts';
import { type Config, definePlaybook, file, type Playbook } from '../../src/index.ts';
import { type Connect, connectAndSurvey } from '../../src/operations/connect.ts';
import type { Event, Result } from '../../src/operations/event.ts';
import { makePlan } from '../../src/operations/make-plan.ts';
import { type Context, type Fleet, inSession } from '../../src/operations/session.ts';
import { config } from '../playbooks/configs.ts';
import { type Answer, type Canned, type RecordingTransport, recordingTransport } from '../transport/recording.ts';

const facts = readFileSync(new URL('../facts/recorded/trixie-bare.txt', import.meta.url), 'utf8');

/** The answers of a host. Several answers are given in turn, and the last one from then on. */
export interface Host {
  /** Sections of the survey besides the facts. */
  readonly survey?: readonly string[];
  /** The output of the kinds' readers. */
  readonly read?: readonly string[];
  /** The journals of runs, ` | ` between the words of a line. */
  readonly run?: readonly string[];
  readonly more?: readonly Canned[];
  /** The address of the health checks. */
  readonly address?: string;
}

export interface Scenario extends Host {
  readonly config?: Config;
  readonly playbooks?: readonly Playbook[];
  /** The person's answer. Missing if nobody can be asked. */
  readonly agrees?: boolean;
  readonly signal?: AbortSignal;
}

/** One file, `/etc/x`, and no health check. */
export const oneFile = definePlaybook({ name: 'web', resources: () => [file('/etc/x', { content: 'x' })] });
/** The reader's output for that file. */
export const fileIsThere = `\n#read file\n0644\troot\troot\tregular file\t/etc/x\n${createHash('sha256').update('x\n').digest('hex')}  /etc/x\n`;
export const success = 'start | run-1\nbegin | 1 | file:/etc/x\nok | 1\nend | ok\n';

/** The section of a survey that has this configuration's manifest. */
export function manifestSection({ manifest }: Pick<Plan, 'manifest'>): string {
  return `\n#facts manifest ${manifest.name}.json\n${JSON.stringify(manifest)}\n`;
}

/** The survey of a host to which these playbooks were applied. */
export async function appliedSurvey(scenario: Scenario = {}): Promise<string> {
  const { session, context } = await opened(scenario);
  return manifestSection(await makePlan(session, {}, context));
}

/** Opens a session to a host with these answers, the only one of the fleet. */
export async function opened(scenario: Scenario = {}) {
  const events: Event[] = [];
  const questions: string[] = [];
  const { agrees, playbooks = [oneFile], signal = new AbortController().signal } = scenario;
  const context: Context = {
    emit: (event) => events.push(event),
    ...(agrees !== undefined && {
      confirm: async (question) => {
        questions.push(question);
        return agrees;
      },
    }),
    signal,
  };
  const transport = transportTo(scenario);
  const connect: Connect = async (_, { first = sh`:` } = {}) => ({ transport, first: transport.script(await first) });
  const targets = [hostWithEveryRole('host.test')];
  const fleet = await connectAndSurvey({ config: scenario.config ?? config(), targets, playbooks }, connect, context);
  const [session] = fleet;
  if (!session) throw new TypeError('a host is connected to');
  return { fleet, session, context, transport, events, questions };
}

/** Returns a transport to a host with these answers. */
export function transportTo({ survey = [''], read = [''], run = [], more = [], address }: Host, name = 'host.test'): RecordingTransport {
  const canned: readonly Canned[] = [
    ...more,
    [/^rm -rf -- \/var\/tmp/, ''],
    [/^section\(\)|#facts/, inTurn(survey.map((sections) => facts + sections))],
    [/^LISTS=/, inTurn(read)],
    [/systemd-run/, inTurn(run.map((journal) => journal.replaceAll(' | ', '\t')))],
  ];
  return recordingTransport(canned, name, address);
}

function inTurn(answers: readonly string[]): () => Answer {
  const left = [...answers];
  return () => (left.length > 1 ? left.shift() : left[0]) ?? new TypeError('the host is not expected to be asked this');
}

/** A result without the results of each host. */
export type Total = Omit<Result, 'hosts'>;

function totalIn({ hosts: _, ...total }: Result): Total {
  return total;
}

/** The outcome of an operation, as a user would see it. */
export interface Outcome {
  readonly result: Total | Problem;
  /** Each event in a few words, without those about the connection and the start of a run. */
  readonly told: readonly string[];
  readonly questions: readonly string[];
  /** The number of runs that were started on the host. */
  readonly runs: number;
  /** Whether the connection was closed at the end. */
  readonly isClosed: boolean;
}

/** Runs an operation on a host with these answers. */
export async function outcomeOf(scenario: Scenario, operation: (fleet: Fleet, context: Context) => Promise<Result>): Promise<Outcome> {
  const { fleet, context, transport, events, questions } = await opened(scenario);
  const before = events.length;
  const result = await inSession(fleet, async () => totalIn(await operation(fleet, context))).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  const { calls } = transport;
  return {
    result,
    told: events.slice(before).flatMap((event) => (event.event === 'run' ? [] : [brief(event)])),
    questions,
    runs: calls.filter((call) => call.kind === 'run' && call.text.includes('systemd-run')).length,
    isClosed: calls.at(-1)?.kind === 'close',
  };
}

/** Returns an event in a few words. */
export function brief(event: Event): string {
  switch (event.event) {
    case 'stage':
    case 'note':
    case 'progress':
      return `${event.event}: ${event.text}`;
    case 'plan':
      return `plan: ${[...event.plan.changes.map(({ action, resource }) => `${action} ${nameOf(resource)}`), ...event.plan.handlers.map(handlerId)].join(', ') || 'nothing'}`;
    case 'step':
    case 'done':
      return `${event.event}: ${event.step.name}`;
    case 'undo':
      return `undo: ${event.step.name}${event.ok ? '' : ', in vain'}`;
    case 'site':
      return `site: ${event.site}: ${event.step} failed, ${event.state}`;
    case 'hop':
      return `hop: ${event.hop.hop} ${event.hop.ok ? 'ok' : 'not ok'}`;
    case 'variables':
      return `variables: ${event.variables.map(({ name, from }) => `${name} ${from}`).join(', ')}`;
    case 'status':
      return `status: ${event.status.changes} changes, ${event.status.sites.map(({ domain, release }) => `${domain} ${release?.id}`).join(', ')}`;
    case 'history':
      return `history: ${event.runs.map(({ id, end }) => `${id} ${end}`).join(', ')}`;
    case 'log':
      return `log: ${event.entry.source}: ${event.entry.text}`;
    case 'releases':
      return `releases of ${event.site}: ${event.releases.map(({ id }) => id).join(', ')}`;
    case 'backups':
      return `backups of ${event.site}: ${event.backups.map(({ id }) => id).join(', ')}`;
    case 'sending':
      return `sending: ${event.added.length} added, ${event.changed.length} changed, ${event.removed.length} removed`;
    case 'tunnel':
      return `tunnel: ${event.tunnel.user}`;
    case 'compared':
    case 'connected':
    case 'output':
    case 'check':
    case 'run':
      return event.event;
  }
}
