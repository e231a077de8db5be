import { redactUrl } from '../../application/git.ts';
import { type Here, remoteIn } from './project-folder.ts';

/** The number of variables that are named; a Laravel has about fifty. */
const mostNames = 6;

/** Returns sentences about what the project folder has that a release does not come from: its git remote, its `.env`, and a dump. */
export function folderNotes({ git, env, names }: Here): readonly string[] {
  const remote = git === undefined ? undefined : remoteIn(git);
  const dump = names.find((name) => /\.sql(?:\.(?:gz|bz2|xz|zst))?$/.test(name));
  return [
    ...(remote === undefined
      ? []
      : [`The git remote is ${redactUrl(remote)}. Releases are made from the folder; app.source can name the repository instead.`]),
    ...(env === undefined || env.length === 0 ? [] : [envNote(env)]),
    ...(dump === undefined ? [] : [`${dump} looks like a dump of a database. After the first run: foobar-provision db import ${dump}`]),
  ];
}

function envNote(env: readonly string[]): string {
  const more = env.length - mostNames;
  const some = `${env.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `.env has ${some}. The host sets the variables of the database; to store another one there after the first run: foobar-provision env set NAME`;
}
