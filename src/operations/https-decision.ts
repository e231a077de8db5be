import type { Config } from '../config/config.ts';
import { meetsVisitors } from '../config/inventory.ts';
import type { Emit } from './event.ts';
import type { HostSession } from './session.ts';

/**
 * Decides what a configuration leaves open about HTTPS, given the current state of the host and its names. What the user should know is
 * emitted.
 */
export async function withHttpsDecision(session: HostSession, config: Config, emit?: Emit): Promise<HostSession> {
  // If everything is removed, or if visitors do not connect to the host, there is nothing to decide.
  if (session.playbooks.length === 0 || !meetsVisitors(session.host)) return { ...session, config };
  const { decide } = await import('../https/decide.ts');
  const { pointingNames, notes, waiting, ...decision } = await decide(config, session.survey, session.transport);
  for (const text of notes) emit?.({ event: 'note', host: session.transport.host, text });
  const { pointingNames: _, ...facts } = session.survey.facts;
  return {
    ...session,
    config: decision.config,
    waiting,
    survey: { ...session.survey, facts: { ...facts, ...(pointingNames && { pointingNames }) } },
  };
}
