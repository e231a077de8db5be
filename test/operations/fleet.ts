import { sh } from '../../src/command/command.ts';
import { hostWithEveryRole, type InventoryHost, type Role } from '../../src/config/inventory.ts';
import { Problem } from '../../src/error.ts';
import { type Connect, connectAndSurvey } from '../../src/operations/connect.ts';
import type { Result } from '../../src/operations/event.ts';
import { type Context, type Fleet, inSession } from '../../src/operations/session.ts';
import { config } from '../playbooks/configs.ts';
import { brief, type Host, oneFile, type Scenario, transportTo } from './scenario.ts';

/** The answers of a host, and its roles, by default all. */
export interface FleetHost extends Host {
  readonly roles?: readonly Role[];
  /** The reason why logins fail. */
  readonly refusal?: string;
}

export interface FleetOutcome {
  readonly result: Result | Problem;
  /** Each event, in a few words after its host's name, and each question, in their order. */
  readonly told: readonly string[];
  /** The host of each run that was started. */
  readonly runs: readonly string[];
  /** The hosts whose connection was closed at the end. */
  readonly closed: readonly string[];
}

/** Runs an operation on several hosts, by their names, or on the one that `only` names. */
export async function outcomeOnFleet(
  hosts: Readonly<Record<string, FleetHost>>,
  { agrees, playbooks = [oneFile], only, ...scenario }: Omit<Scenario, keyof Host> & { readonly only?: string },
  operation: (fleet: Fleet, context: Context) => Promise<Result>,
): Promise<FleetOutcome> {
  const told: string[] = [];
  const context: Context = {
    emit: (event) => {
      if (event.event !== 'run') told.push(`${event.host ?? 'here'} ${brief(event)}`);
    },
    ...(agrees !== undefined && {
      confirm: async (question) => {
        told.push(question);
        return agrees;
      },
    }),
    signal: new AbortController().signal,
  };
  const all = Object.entries(hosts).map(([name, { roles }]): InventoryHost => ({ ...hostWithEveryRole(name), ...(roles && { roles }) }));
  const transports = new Map(Object.entries(hosts).map(([name, host]) => [name, transportTo(host, name)]));
  const connect: Connect = async (server, { first = sh`:` } = {}) => {
    const [transport, refusal] = [transports.get(server), hosts[server]?.refusal];
    if (!transport || refusal !== undefined) throw new Problem({ message: refusal ?? `There is no host ${server}.` });
    return { transport, first: transport.script(await first) };
  };
  const wanted = { ...(scenario.config ?? config()), hosts: all };
  const targets = all.filter(({ name }) => only === undefined || name === only);
  const result = await connectAndSurvey({ config: wanted, targets, playbooks }, connect, context)
    .then((opened) => inSession(opened, (fleet) => operation(fleet, context)))
    .catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
  const named = [...transports];
  return {
    result,
    told,
    runs: named.flatMap(([name, { calls }]) =>
      calls.flatMap((call) => (call.kind === 'run' && call.text.includes('systemd-run') ? [name] : [])),
    ),
    closed: named.flatMap(([name, { calls }]) => (calls.at(-1)?.kind === 'close' ? [name] : [])),
  };
}
