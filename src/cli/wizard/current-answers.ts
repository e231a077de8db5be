import type { UserConfig } from '../../config-file/define.ts';
import type { Change } from '../config-edit/edit.ts';
import type { Answers } from './answers.ts';

/** Returns the answers that a configuration contains already. */
export function currentAnswers({ server, domain, app, php, database, https, backups, sshKeys }: UserConfig): Partial<Answers> {
  const source =
    typeof app?.source === 'object' ? `${app.source.git}${app.source.ref === undefined ? '' : `#${app.source.ref}`}` : app?.source;
  const email = typeof https === 'object' ? https.email : undefined;
  return {
    ...(server !== undefined && { server }),
    ...(domain !== undefined && { domain }),
    ...(source !== undefined && { app: source }),
    ...(php?.version !== undefined && { php: php.version }),
    ...(database?.engine !== undefined && { database: database.engine }),
    ...(email !== undefined && { email }),
    ...(backups !== undefined && { backups: backups.to }),
    ...(sshKeys !== undefined && { people: sshKeys }),
  };
}

/** Returns what has to change in a configuration with the current answers, so that it contains the new ones. */
export function changesTo(current: Partial<Answers>, answers: Answers): readonly Change[] {
  const keys: readonly (readonly [readonly string[], (from: Partial<Answers>) => string | undefined])[] = [
    [['server'], ({ server }) => server],
    [['domain'], ({ domain }) => domain],
    [['app', 'source'], ({ app }) => app],
    [['php', 'version'], ({ php }) => php],
    [['database', 'engine'], ({ database }) => database],
    [['https', 'email'], ({ email }) => email],
    ...Object.keys(answers.people ?? {}).map((name) => [['sshKeys', name], ({ people }: Partial<Answers>) => people?.[name]] as const),
    [['backups', 'to'], ({ backups }) => backups],
  ];
  return keys.flatMap(([path, valueIn]) => (valueIn(current) === valueIn(answers) ? [] : [{ path, value: valueIn(answers) }]));
}
