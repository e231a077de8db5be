import { Secret } from '../command/secret.ts';
import type { HostKeyQuestion } from '../transport/options.ts';
import type { Reporter } from './reporter.ts';

/** Questions that a connection may raise, asked at the terminal. */
export async function askSecret(prompt: string, echo: boolean, reporter: Reporter): Promise<Secret | undefined> {
  reporter.pause();
  const { default: inquirer } = await import('inquirer');
  const { answer } = await inquirer.prompt<{ answer: string }>([
    echo ? { type: 'input', name: 'answer', message: prompt } : { type: 'password', name: 'answer', message: prompt, mask: '*' },
  ]);
  return new Secret(answer);
}

export async function askHostKey({ host, fingerprint, type }: HostKeyQuestion, reporter: Reporter): Promise<boolean> {
  return confirm(`${host} is new here. Its ${type} key is ${fingerprint}. Is that the host that you mean?`, false, reporter);
}

export async function confirm(message: string, byDefault: boolean, reporter: Reporter): Promise<boolean> {
  reporter.pause();
  const { default: inquirer } = await import('inquirer');
  const { answer } = await inquirer.prompt<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message, default: byDefault }]);
  return answer;
}
