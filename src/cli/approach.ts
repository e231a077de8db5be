import { isReadAtOnce } from '../config/complete.ts';
import { surveyScript } from '../engine/survey.ts';
import type { Transport } from '../transport/transport.ts';
import { type Configured, completed, given, open, type Reached, reach, type Sends, seen } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/**
 * Reaches the host while the application's files are read here; where they are built or fetched first, after that. What is wrong with the
 * configuration or the files is told before what is wrong with the host. `onRoot` may have the host do something while it is looked at; it
 * is not called where that would not be meanwhile.
 */
export async function approach(
  target: string | undefined,
  options: Options,
  reporter: Reporter,
  signal: AbortSignal,
  sends: Sends = {},
  onRoot: (wanted: Configured, transport: Transport) => void = () => {},
): Promise<Reached> {
  const all = await given(target, options, sends);
  const server = all.overrides.server ?? all.user.server;
  if (server === undefined || !isReadAtOnce(all.user, all.overrides)) {
    const { config, playbooks } = await completed(all, reporter);
    return reach(config, playbooks, options, reporter, signal);
  }
  const needless = new AbortController();
  // What connects is loaded before this process is busy with the tree, so that the host works meanwhile.
  const completing = import('../transport/login.ts').then(() => completed(all, reporter));
  const first = completing.then(({ config, playbooks }) => surveyScript(config, playbooks));
  const connecting = open(server, options, reporter, AbortSignal.any([signal, needless.signal]), { first });
  for (const each of [first, connecting]) each.catch(() => {});
  const wanted = await completing.catch(async (error: unknown) => {
    needless.abort();
    await connecting.then(
      ({ transport }) => transport.close(),
      () => {},
    );
    throw error;
  });
  (await import('../https/decide.ts')).anticipate(wanted.config);
  const connected = await connecting;
  onRoot(wanted, connected.transport);
  return seen(wanted, connected, reporter);
}
