import { describeSshKey, lineOf, parseSshKeys } from '../../config/ssh-key.ts';
import { byDefault, expanded } from './questions.ts';
import { anybodyElse, whereKeysAre, whoIsIt, whoMayLogIn } from './questions-about-people.ts';
import type { Interview } from './world.ts';

/** Asks who may log in to the host besides those who can already, and resolves to their names with their keys; undefined for nobody. */
export async function askPeople({ ask, note, keys, current }: Interview): Promise<Readonly<Record<string, string>> | undefined> {
  const inAgent = await keys.inAgent();
  let people = current?.people ?? {};
  for (;;) {
    const origin = await ask(whoMayLogIn(Object.keys(people), inAgent === '' ? 0 : parseSshKeys(inAgent, 'the SSH agent').length));
    if (origin === byDefault) break;
    const text = origin === 'agent' ? inAgent : await fetched(origin === 'url' ? 'url' : 'file', { ask, keys });
    const found = parseSshKeys(text, 'the answer');
    note(found.map(describeSshKey).join('\n'));
    const name = (await ask(whoIsIt(found))).trim();
    people = { ...people, [name]: found.map(lineOf).join('\n') };
    if ((await ask(anybodyElse)) === byDefault) break;
  }
  return Object.keys(people).length === 0 ? undefined : people;
}

async function fetched(origin: 'file' | 'url', { ask, keys }: Pick<Interview, 'ask' | 'keys'>): Promise<string> {
  const read = origin === 'url' ? keys.at : keys.inFile;
  const question = whereKeysAre(origin, read, origin === 'file' ? await keys.usualFile() : undefined);
  return read(expanded((await ask(question)).trim()));
}
