import { parseSshKeys, type SshKey } from '../../config/ssh-key.ts';
import { byDefault, checkedBy, expanded, type Question } from './questions.ts';

export function whoMayLogIn(current: readonly string[], agentKeys: number): Question {
  const keys = `${agentKeys} key${agentKeys === 1 ? '' : 's'}`;
  return {
    type: 'select',
    message: 'Who else may log in to the host?',
    choices: [
      { name: current.length === 0 ? 'nobody else' : `nobody else but ${current.join(', ')}`, value: byDefault, short: 'nobody else' },
      { name: 'someone whose public key is in a file …', value: 'file', short: 'a key in a file' },
      ...(agentKeys > 0 ? [{ name: `who has the ${keys} in the SSH agent …`, value: 'agent', short: "the agent's keys" }] : []),
      { name: 'someone whose public keys are at an address (https://…) …', value: 'url', short: 'keys at an address' },
    ],
    loop: false,
  };
}

/** Asks for a file or an address with public keys. `read` reads it, so a wrong answer is refused at once. */
export function whereKeysAre(origin: 'file' | 'url', read: (place: string) => Promise<string>, proposed?: string): Question {
  const message = origin === 'file' ? 'File with public keys:' : 'Address of public keys (https://…):';
  return {
    type: 'input',
    message,
    ...(proposed !== undefined && { default: proposed }),
    validate: checkedBy(async (place) => parseSshKeys(await read(expanded(place)), place)),
  };
}

export function whoIsIt(keys: readonly SshKey[]): Question {
  const [user = ''] = keys[0]?.comment.split('@') ?? [];
  return {
    type: 'input',
    message: 'Whose keys are they?',
    ...(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(user) && { default: user }),
    validate: (text) =>
      /^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/.test(text.trim()) || 'Write a name of letters, digits, spaces, dots, dashes and @.',
  };
}

export const anybodyElse: Question = {
  type: 'select',
  message: 'Anybody else?',
  choices: [
    { name: 'no', value: byDefault },
    { name: 'yes', value: 'yes' },
  ],
  loop: false,
};
