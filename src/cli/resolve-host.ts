import { isSameCommand } from '../command/command.ts';
import { hostWithEveryRole } from '../config/inventory.ts';
import { configInFolder } from '../config-file/load.ts';
import { forgetLists } from '../engine/survey.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import { withHttpsDecision } from '../operations/https-decision.ts';
import { closeConnection, type Fleet, type HostSession } from '../operations/session.ts';
import { newSession, scriptFor, surveyConnected } from '../operations/survey-host.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf, resolvedOf } from './invocation.ts';
import { interactive, type Options } from './options.ts';

/**
 * Opens the sessions of `apply` with the configuration and the options, or with the wizard's answers if nothing is configured and a person
 * is there.
 */
export async function resolveHost(invocation: Invocation): Promise<Fleet> {
  if (asksFirst(invocation.options)) return [await interviewed(invocation)];
  const ahead = { scope: 'everything', isKept: true } as const;
  return connectWhileResolving(await inputOf(invocation), connectOf(invocation), contextOf(invocation), { ahead });
}

/** Returns whether to start with the wizard's questions: if a person is at the terminal and nothing is configured yet. */
function asksFirst(options: Options): boolean {
  const { config, env, plan, yes } = options;
  return interactive(options) && !yes && config === undefined && env === undefined && plan === undefined && configInFolder() === undefined;
}

async function interviewed(invocation: Invocation): Promise<HostSession> {
  const [{ wizard }, { save, usualFile }] = await Promise.all([import('./wizard/wizard.ts'), import('./init.ts')]);
  const { answers, visit } = await wizard({ ...invocation, file: usualFile, withoutHost: false });
  if (!visit) throw new TypeError('only init lets the wizard continue without a host');
  const { transport, seen } = visit;
  const context = contextOf(invocation);
  try {
    await save(answers, usualFile, invocation.reporter);
    // The written file is applied, now as well as the next time.
    const resolved = await resolvedOf({ ...invocation, target: undefined });
    const { config, targets } = resolved;
    const [host = hostWithEveryRole(transport.host)] = targets;
    if (seen && isSameCommand(seen.script, scriptFor(host, resolved)))
      return await withHttpsDecision(newSession(host, resolved, transport, seen.survey), config, context.emit);
    await forgetLists(transport, visit);
    return await surveyConnected(host, resolved, transport, context);
  } catch (error) {
    await closeConnection(transport, visit);
    throw error;
  }
}
