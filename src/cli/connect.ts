import type { Connect } from '../operations/connect.ts';
import type { ConnectOptions } from '../transport/options.ts';
import type { Route } from '../transport/route.ts';
import type { Ahead, Invocation } from './invocation.ts';
import { interactive } from './options.ts';
import { sandboxLogin } from './sandbox-login.ts';
import { sudoPassword } from './sudo-password.ts';

/** Begins to connect to the target of a command. Problems are reported by the command, when it connects. */
export async function connectAhead(target: string, invocation: Omit<Invocation, 'target'>): Promise<Ahead> {
  const [{ approach }, { parseTarget }] = await Promise.all([import('../transport/ssh.ts'), import('../transport/target.ts')]);
  const needless = new AbortController();
  const signal = AbortSignal.any([invocation.signal, needless.signal]);
  let route: Promise<Route> | undefined = approach(parseTarget(target), { ...(await optionsOf(target, invocation)), signal });
  return {
    take(server) {
      if (server !== target) return undefined;
      const taken = route;
      route = undefined;
      return taken;
    },
    async end() {
      needless.abort();
      await route?.then(({ close }) => close()).catch(() => {});
    },
  };
}

/** Returns how this command connects: with the key and the known hosts of its options, and with a person's answers if a person is there. */
export function connectOf(invocation: Omit<Invocation, 'target'>): Connect {
  return async (server, more = {}) => {
    const [{ connect }, { parseTarget }] = await Promise.all([import('../transport/ssh.ts'), import('../transport/target.ts')]);
    invocation.reporter.emit({ event: 'stage', host: server, text: `connecting to ${server}` });
    const options = { ...(await optionsOf(server, invocation, more.signal)), ...more };
    return connect(parseTarget(server), options, invocation.ahead?.take(server));
  };
}

async function optionsOf(
  server: string,
  { options, reporter, signal }: Omit<Invocation, 'target'>,
  questionsEndAt = signal,
): Promise<ConnectOptions> {
  const { identity, knownHosts } = await sandboxLogin(server, options);
  const asking = interactive(options) ? await import('./ask.ts') : undefined;
  return {
    identity,
    port: options.port,
    hostKeys: {
      accept: options.acceptNew ? 'new' : asking ? 'ask' : 'known',
      ask: asking && ((question) => asking.askHostKey(question, reporter, questionsEndAt)),
      files: knownHosts ? [knownHosts] : undefined,
    },
    ask: asking && ((prompt, echo) => asking.askSecret(prompt, echo, reporter, questionsEndAt)),
    sudoPassword: () => sudoPassword(options, asking && ((prompt) => asking.askSecret(prompt, false, reporter, questionsEndAt))),
    signal,
  };
}
