import { peersOf } from '../engine/peers.ts';
import type { Fleet } from './session.ts';

/** Tells each session what the surveys of the other hosts have found. */
export function withPeers<Session extends Fleet[number]>(fleet: readonly Session[]): readonly Session[] {
  // A single host has nothing to be told.
  if (fleet.every(({ config }) => config.hosts.length < 2)) return fleet;
  const surveyOf = new Map(fleet.map(({ host, survey }) => [host.name, survey]));
  return fleet.map((session) => {
    const all = session.config.hosts.map((host) => {
      const survey = surveyOf.get(host.name);
      return { host, facts: survey?.facts, secret: survey?.secret, secrets: survey?.secrets };
    });
    return { ...session, peers: peersOf(session.host, all) };
  });
}
