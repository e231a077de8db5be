import { Secret } from '../command/secret.ts';
import { printable } from '../printable.ts';
import type { HostKeyQuestion } from '../transport/options.ts';
import type { Reporter } from './output/reporter.ts';

/** A question as inquirer takes it, its name left out; its answer is a text. */
export interface TextQuestion {
  readonly type: 'input' | 'select' | 'password';
  readonly message: string;
}

/**
 * Asks at the terminal, nothing else moving on it. Rejects with inquirer's `ExitPromptError` where the person goes away, and with
 * its `AbortPromptError` where the signal comes.
 */
export async function prompt(question: TextQuestion, reporter: Reporter, signal?: AbortSignal): Promise<string> {
  const ask = await asker(reporter, signal);
  return (await ask<{ answer: string }>([{ ...question, message: printable(question.message), name: 'answer' }])).answer;
}

export async function confirm(message: string, byDefault: boolean, reporter: Reporter, signal?: AbortSignal): Promise<boolean> {
  const ask = await asker(reporter, signal);
  return (await ask<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message: printable(message), default: byDefault }])).answer;
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
  // The fingerprint stands on a line of its own, to be compared with another.
  return confirm(`${host} is not known yet. Its ${type} key is\n  ${fingerprint}\n  Is this the right host?`, false, reporter, signal);
}
