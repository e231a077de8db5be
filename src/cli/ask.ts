import { Secret } from '../command/secret.ts';
import { printable } from '../printable.ts';
import type { HostKeyQuestion } from '../transport/options.ts';
import { widthOf, wrap } from './output/layout.ts';
import type { Reporter } from './output/reporter.ts';

/** A question in inquirer's format, without its name. The answer is a text. */
export interface TextQuestion {
  readonly type: 'input' | 'select' | 'password';
  readonly message: string;
  readonly validate?: (text: string) => true | string | Promise<true | string>;
}

/**
 * Asks at the terminal, while nothing else is drawn there. Rejects with inquirer's `ExitPromptError` if the person leaves, and with its
 * `AbortPromptError` if the signal is aborted.
 */
export async function prompt(question: TextQuestion, reporter: Reporter, signal?: AbortSignal): Promise<string> {
  const ask = await asker(reporter, signal);
  const { validate } = question;
  const checked = validate && { validate: async (text: string) => wrapped(await validate(text)) };
  return (await ask<{ answer: string }>([{ ...question, message: printable(question.message), ...checked, name: 'answer' }])).answer;
}

/** Breaks a refusal between words. Inquirer puts `> ` before it. */
function wrapped(result: true | string): true | string {
  return result === true ? true : wrap(result, widthOf(process.stdout) - 2).join('\n');
}

/** Asks like `prompt`, and rejects with `back` if the person presses Escape. */
export async function promptOrBack(question: TextQuestion, back: unknown, reporter: Reporter, signal?: AbortSignal): Promise<string> {
  const leaving = new AbortController();
  const onKey = (_: unknown, key: { readonly name?: string } | undefined) => {
    if (key?.name === 'escape') leaving.abort();
  };
  process.stdin.on('keypress', onKey);
  try {
    return await prompt(question, reporter, signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal);
  } catch (error) {
    throw leaving.signal.aborted && !signal?.aborted ? back : error;
  } finally {
    process.stdin.off('keypress', onKey);
  }
}

export async function confirm(message: string, byDefault: boolean, reporter: Reporter, signal?: AbortSignal): Promise<boolean> {
  const ask = await asker(reporter, signal);
  return (await ask<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message: printable(message), default: byDefault }])).answer;
}

/** Asks for one of several answers. */
export async function choose(message: string, choices: readonly string[], reporter: Reporter, signal?: AbortSignal): Promise<string> {
  const ask = await asker(reporter, signal);
  const question = { type: 'select', name: 'answer', message: printable(message), choices: choices.map(printable) } as const;
  return (await ask<{ answer: string }>([question])).answer;
}

async function asker(reporter: Reporter, signal: AbortSignal | undefined) {
  reporter.pause();
  const { default: inquirer } = await import('inquirer');
  return inquirer.createPromptModule(signal && { signal });
}

export async function askSecret(message: string, echo: boolean, reporter: Reporter, signal?: AbortSignal): Promise<Secret | undefined> {
  const hidden = { type: 'password', message, mask: '*' } as const;
  return new Secret(await prompt(echo ? { type: 'input', message } : hidden, reporter, signal));
}

export async function askHostKey({ host, fingerprint, type }: HostKeyQuestion, reporter: Reporter, signal?: AbortSignal): Promise<boolean> {
  // The fingerprint has a line of its own, so that it is easy to compare.
  return confirm(`${host} is not known yet. Its ${type} key is\n  ${fingerprint}\n  Is this the right host?`, false, reporter, signal);
}
