import { Secret } from '../command/secret.ts';
import type { HostSession } from './session.ts';

/** Returns the known secrets of a configuration: the user's own, and those that the survey has read. */
export function secretsOf({ config: { sites }, survey }: Pick<HostSession, 'config' | 'survey'>): readonly Secret[] {
  const configured = sites.flatMap(({ app, https }) => [
    ...Object.values(app.env).filter((value) => value instanceof Secret),
    ...(https.certificate.kind === 'own' ? [https.certificate.key] : []),
  ]);
  return [...configured, ...survey.secrets];
}
