import { Secret } from '../command/secret.ts';
import type { HostSession } from './session.ts';

/** Returns the known secrets of a configuration: the user's own, and those that the surveys of this host and of the others have read. */
export function secretsOf({ config: { sites }, survey, peers }: Pick<HostSession, 'config' | 'survey' | 'peers'>): readonly Secret[] {
  const configured = sites.flatMap(({ app, https }) => [
    ...Object.values(app.env).filter((value) => value instanceof Secret),
    ...(https.certificate.kind === 'own' ? [https.certificate.key] : []),
  ]);
  return [...configured, ...survey.secrets, ...peerSecretsOf({ peers })];
}

/** Returns the known secrets of the other hosts. */
export function peerSecretsOf({ peers }: Pick<HostSession, 'peers'>): readonly Secret[] {
  return [...new Set(Object.values(peers).flatMap((some) => some.flatMap(({ secrets }) => secrets ?? [])))];
}
