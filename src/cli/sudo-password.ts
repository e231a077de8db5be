import { Secret } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import { sudoPasswordGiven } from './environment.ts';
import type { Options } from './options.ts';

/**
 * Resolves to the sudo password from the source that the user chose: the first line of standard input, the environment, or the terminal.
 */
export async function sudoPassword(
  { sudoPasswordStdin }: Options,
  ask: ((prompt: string) => Promise<Secret | undefined>) | undefined,
): Promise<Secret | undefined> {
  if (sudoPasswordStdin) return new Secret(await firstLine());
  return sudoPasswordGiven() ?? ask?.('sudo password');
}

async function firstLine(): Promise<string> {
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdin.destroy();
    return line;
  }
  throw new Problem({
    message: 'Standard input ended before a sudo password was read.',
    hint: 'Write it as the first line: echo … | foobar-provision --sudo-password-stdin …',
    exit: exitCode.unreachable,
  });
}
