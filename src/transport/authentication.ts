import type { AnyAuthMethod, AuthHandlerMiddleware, NextAuthHandler, Prompt } from 'ssh2';
import { reveal, type Secret } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import { asAgent, gatherKeys, type Keyring } from './keyring.ts';
import type { Ask } from './options.ts';
import { byHand, type HostSettings } from './ssh-config.ts';
import type { Login } from './transport.ts';

export interface Authentication {
  readonly handler: AuthHandlerMiddleware;
  /** Returns what was offered last. After a successful login, this is what the host accepted. */
  method(): Login['by'];
  /** Returns the Problem for a login that failed with every method. `serverText` is what the server printed. */
  problem(cause: unknown, serverText: string): Problem;
}

/** The number of times that a password is asked for, as in OpenSSH's NumberOfPasswordPrompts. */
const maxAttempts = 3;

/** The number of questions that a host may ask in total, because it could keep asking within one attempt. */
const maxQuestions = 20;

/**
 * Prepares a login: keys first, then, if there is someone to ask, keyboard-interactive or password, whichever
 * the host offers. `abandon` is called if the person declines to answer, or if the host asks too many questions.
 */
export async function prepareAuthentication(
  settings: HostSettings,
  identity: string | undefined,
  ask: Ask | undefined,
  abandon: (problem: Problem) => void,
): Promise<Authentication> {
  const paths = identity === undefined ? settings.identityFiles : [identity];
  const keyring = await gatherKeys(paths, settings.agent, identity !== undefined || settings.identitiesOnly, ask);
  const { user: username } = settings;
  let offered: readonly string[] = [];
  let last: Login['by'] = 'nothing';
  // ssh2 does not pass on a host's answer to refused keys, so "none" asks which other methods it accepts.
  const keys: AnyAuthMethod[] = keyring.keys.length > 0 ? [{ type: 'agent', username, agent: asAgent(keyring) }] : [];
  const steps: AnyAuthMethod[] = [...keys, { type: 'none', username }];
  const asked = { 'keyboard-interactive': 0, password: 0 };
  let questions = 0;

  function handler(left: readonly string[] | null, _partial: boolean | null, next: NextAuthHandler): false | undefined {
    offered = left ?? offered;
    const step = steps.shift();
    if (step !== undefined) {
      last = typeof step === 'object' && step.type === 'agent' ? 'key' : 'nothing';
      next(step);
      return undefined;
    }
    if (ask === undefined) return false;
    last = 'password';
    if (offered.includes('keyboard-interactive') && asked['keyboard-interactive']++ < maxAttempts) {
      next({
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _text, _language, prompts, finish) => void answer(prompts, ask).then(finish, fail),
      });
      return undefined;
    }
    // A host that offers both usually means the same password, so do not ask for it twice.
    if (offered.includes('password') && asked.password++ < maxAttempts) {
      question(ask, `Password of ${username}@${settings.hostname}`, false).then(
        (password) => next({ type: 'password', username, password: reveal(password) }),
        fail,
      );
      return undefined;
    }
    return false;
  }

  async function answer(prompts: readonly Prompt[], person: Ask): Promise<string[]> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      answers.push(reveal(await question(person, `${username}@${settings.hostname}: ${prompt.trim()}`, echo ?? false)));
    }
    asked.password = maxAttempts;
    return answers;
  }

  async function question(person: Ask, prompt: string, echo: boolean): Promise<Secret> {
    questions += 1;
    if (questions > maxQuestions) throw explain(settings, keyring, offered, 'it keeps asking');
    const secret = await person(prompt, echo);
    if (secret === undefined) throw explain(settings, keyring, offered, 'no password was given');
    return secret;
  }

  function fail(error: unknown): void {
    abandon(error instanceof Problem ? error : explain(settings, keyring, offered, error));
  }

  return { handler, method: () => last, problem: (cause, serverText) => explain(settings, keyring, offered, cause, serverText) };
}

function explain(settings: HostSettings, keyring: Keyring, offered: readonly string[], cause: unknown, serverText = ''): Problem {
  const tried = keyring.keys.map((key) => key.label).join(', ');
  const notes = keyring.notes.map((note) => ` ${note}.`).join('');
  const accepts = offered.length > 0 ? ` The host accepts: ${offered.join(', ')}.` : '';
  const many =
    cause instanceof Error && /too many/i.test(cause.message)
      ? ' The host closed the connection before all of them had been tried: name the right one with --identity.'
      : '';
  const fido = keyring.notes.some((note) => /FIDO|certificate/.test(note))
    ? ' FIDO keys and certificates are not supported: make a plain key (ssh-keygen -t ed25519), put its public half on the host with ssh-copy-id, and name it with --identity.'
    : '';
  const root = settings.user === 'root' ? " Many hosts do not let root log in (PermitRootLogin): log in as the image's default user." : '';
  return new Problem({
    message: `${settings.name} refused the login of ${settings.user}. Keys tried: ${tried || 'none'}.${many}${notes}${accepts}`,
    hint: `Try "${byHand(settings)}"; once that works, so will this program. Name another key with --identity; unlock a locked one with ssh-add.${root}${fido}`,
    exit: exitCode.unreachable,
    host: settings.name,
    cause,
    ...(serverText.trim() !== '' && { stderr: serverText.trim() }),
  });
}
