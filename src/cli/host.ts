import { site } from '../../playbooks/site.ts';
import { Secret } from '../command/secret.ts';
import { complete, type Overrides } from '../config/complete.ts';
import type { Config } from '../config/config.ts';
import type { UserConfig } from '../config/define.ts';
import { load } from '../config/load.ts';
import type { Playbook } from '../engine/playbook.ts';
import { forgetLists, leftoversText, listsIn, parseSurvey, type Survey, surveyScript } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import type { Decision } from '../https/decide.ts';
import type { Connected, ConnectOptions } from '../transport/options.ts';
import type { Output, Transport } from '../transport/transport.ts';
import { sudoPasswordGiven } from './environment.ts';
import { interactive, type Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** A host that was reached and looked at, and what is wanted of it. */
export interface Reached {
  /** With nothing left open that the host and its names decide. */
  readonly config: Config;
  /** As the user has it. */
  readonly given: Config;
  /** Sites whose HTTPS waits for DNS, and the records that it waits for. */
  readonly waiting: Decision['waiting'];
  readonly playbooks: readonly Playbook[];
  readonly transport: Transport;
  readonly survey: Survey;
}

/** Of a command that sends nothing of the application, so that this is neither built nor fetched. */
export type Sends = Pick<Overrides, 'sendsNothing'>;

/** What the user has said, by file and by options. */
export interface Given {
  readonly user: UserConfig;
  readonly file?: string;
  readonly overrides: Overrides;
}

export async function given(target: string | undefined, options: Options, sends: Sends = {}): Promise<Given> {
  const { config: user, file } = await load(options.config);
  const overrides = {
    ...sends,
    ...(target && { server: target }),
    ...(options.domain && { domain: options.domain }),
    ...((options.source ?? options.app) && { app: options.source ?? options.app }),
    ...(options.checksum && { checksum: true }),
    ...(options.php && { php: options.php }),
    ...(options.database && { database: options.database }),
  };
  return { user, overrides, ...(file && { file }) };
}

/** A configuration with nothing left out, and the playbooks that it asks for. */
export interface Configured {
  readonly config: Config;
  readonly playbooks: readonly Playbook[];
}

export async function completed({ user, overrides, file }: Given, reporter: Reporter): Promise<Configured> {
  const config = await complete(user, overrides, file, (text) => reporter.emit({ event: 'stage', text }));
  return { config, playbooks: [...site, ...config.playbooks] };
}

/** The configuration, complete, and the playbooks that it asks for. Nothing is dialled. */
export async function configured(target: string | undefined, options: Options, reporter: Reporter): Promise<Configured> {
  return completed(await given(target, options), reporter);
}

/** Connects to a server and becomes root there. */
export async function open(
  server: string,
  options: Options,
  reporter: Reporter,
  signal: AbortSignal,
  more: Pick<ConnectOptions, 'first' | 'onMilestone'> = {},
): Promise<Connected> {
  const [{ connect }, { parseTarget }] = await Promise.all([import('../transport/ssh.ts'), import('../transport/target.ts')]);
  reporter.emit({ event: 'stage', text: `connecting to ${server}` });
  const asking = interactive(options) ? await import('./ask.ts') : undefined;
  return connect(parseTarget(server), {
    identity: options.identity,
    port: options.port,
    hostKeys: {
      accept: options.acceptNew ? 'new' : asking ? 'ask' : 'known',
      ask: asking && ((question) => asking.askHostKey(question, reporter, signal)),
      files: options.knownHosts ? [options.knownHosts] : undefined,
    },
    ask: asking && ((prompt, echo) => asking.askSecret(prompt, echo, reporter, signal)),
    sudoPassword: () => sudoPassword(options, asking && ((prompt) => asking.askSecret(prompt, false, reporter, signal))),
    ...more,
    signal,
  });
}

/** Connects, and looks at the host once. */
export async function reach(
  config: Config,
  playbooks: readonly Playbook[],
  options: Options,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Reached> {
  if (!config.server) {
    throw new Problem({
      message: 'No server was named.',
      hint: 'Name it on the command line (foobar-provision user@host), or as `server` in foobar.config.ts; foobar-provision init writes one.',
    });
  }
  if (playbooks.length > 0) (await import('../https/decide.ts')).anticipate(config);
  return seen(
    { config, playbooks },
    await open(config.server, options, reporter, signal, { first: surveyScript(config, playbooks) }),
    reporter,
  );
}

/** What the script told that came with the connection. */
export async function seen(wanted: Configured, { transport, first }: Connected, reporter: Reporter): Promise<Reached> {
  const output = await first.catch(async (error: unknown) => {
    await transport.close();
    throw error;
  });
  return look({ ...wanted, transport }, output, reporter);
}

/** What a look at the host told. Where it told of nothing that we can use, the host is left. */
export async function look(
  { config, playbooks, transport }: Pick<Reached, 'config' | 'playbooks' | 'transport'>,
  output: Output,
  reporter: Reporter,
): Promise<Reached> {
  try {
    const survey = parseSurvey(output, config.name, transport.login);
    reporter.emit({ event: 'connected', host: transport.host, title: survey.facts.title });
    if (survey.cut && !survey.active)
      reporter.emit({
        event: 'note',
        text: `The last run here (${survey.cut.id}) was cut off at ${survey.cut.step || 'its beginning'}; the next one goes on from where the host is.`,
      });
    if (survey.refusal)
      reporter.emit({
        event: 'note',
        text: `Nginx refuses the configuration that is on the host, so it does not reload, and would not start after a reboot: ${survey.refusal}. Correct that file if it is yours; what is ours, a run corrects.`,
      });
    if (survey.leftovers)
      reporter.emit({
        event: 'note',
        text: `Interrupted runs have left something here (${leftoversText(survey.leftovers)}); the next run removes it.`,
      });
    return await decided({ config, given: config, playbooks, transport, survey, waiting: [] }, config, reporter);
  } catch (error) {
    await leave(transport, listsIn(output));
    throw error;
  }
}

/** The same host, with what this configuration leaves open decided by how the host and its names are now. Of what was taken away nothing is asked. */
export async function decided(reached: Reached, config: Config, reporter?: Reporter): Promise<Reached> {
  if (reached.playbooks.length === 0) return { ...reached, config };
  const { decide } = await import('../https/decide.ts');
  const { leading, notes, waiting, ...decision } = await decide(config, reached.survey, reached.transport);
  if (reporter) for (const text of notes) reporter.emit({ event: 'note', text });
  const { leading: _, ...facts } = reached.survey.facts;
  return {
    ...reached,
    config: decision.config,
    waiting,
    survey: { ...reached.survey, facts: { ...facts, ...(leading && { leading }) } },
  };
}

/** The secrets of this configuration that are known here: those that the user gave, and those that the host told. */
export function secretsOf({ config: { sites }, survey }: Pick<Reached, 'config' | 'survey'>): readonly Secret[] {
  const given = sites.flatMap(({ app, https }) => [
    ...Object.values(app.env).filter((value) => value instanceof Secret),
    ...(https.certificate.kind === 'own' ? [https.certificate.key] : []),
  ]);
  const told = [...sites.map(({ domain }) => `${domain}.database`), 'host.token'].flatMap((name) => survey.secret(name) ?? []);
  return [...given, ...told];
}

/** Leaves a host: the package lists that were only looked at go, and the connection ends. */
export async function leave(transport: Transport, survey: Pick<Survey, 'lists'>): Promise<void> {
  // Where the link is dead they stay until the next look, which takes away old ones.
  await forgetLists(transport, survey).catch(() => {});
  await transport.close();
}

/** From where the user said: standard input's first line, the environment, or the terminal. */
async function sudoPassword(
  options: Options,
  ask: ((prompt: string) => Promise<Secret | undefined>) | undefined,
): Promise<Secret | undefined> {
  if (options.sudoPasswordStdin) return new Secret(await firstLine());
  return sudoPasswordGiven() ?? ask?.('sudo password');
}

async function firstLine(): Promise<string> {
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdin.destroy();
    return line;
  }
  throw new Problem({
    message: 'Standard input ended before a sudo password came.',
    hint: 'Write it as the first line: echo … | foobar-provision --sudo-password-stdin …',
    exit: exitCode.unreachable,
  });
}
