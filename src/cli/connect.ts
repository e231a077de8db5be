import type { Connect } from '../operations/connect.ts';
import type { Invocation } from './invocation.ts';
import { interactive } from './options.ts';
import { sudoPassword } from './sudo-password.ts';

/** Returns how this command connects: with the key and the known hosts of its options, and with a person's answers if a person is there. */
export function connectOf({ options, reporter, signal }: Omit<Invocation, 'target'>): Connect {
  return async (server, more = {}) => {
    const [{ connect }, { parseTarget }] = await Promise.all([import('../transport/ssh.ts'), import('../transport/target.ts')]);
    reporter.emit({ event: 'stage', host: server, text: `connecting to ${server}` });
    const questionsEndAt = more.signal ?? signal;
    const asking = interactive(options) ? await import('./ask.ts') : undefined;
    return connect(parseTarget(server), {
      identity: options.identity,
      port: options.port,
      hostKeys: {
        accept: options.acceptNew ? 'new' : asking ? 'ask' : 'known',
        ask: asking && ((question) => asking.askHostKey(question, reporter, questionsEndAt)),
        files: options.knownHosts ? [options.knownHosts] : undefined,
      },
      ask: asking && ((prompt, echo) => asking.askSecret(prompt, echo, reporter, questionsEndAt)),
      sudoPassword: () => sudoPassword(options, asking && ((prompt) => asking.askSecret(prompt, false, reporter, questionsEndAt))),
      signal,
      ...more,
    });
  };
}
