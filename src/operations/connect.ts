import { isReadAtOnce } from '../config-file/complete.ts';
import { leftoversText, listsIn, parseSurvey, type Survey, surveyScript } from '../engine/survey.ts';
import { Problem } from '../error.ts';
import type { Connected, ConnectOptions } from '../transport/options.ts';
import { type Output, surveySeconds, type Transport } from '../transport/transport.ts';
import { withHttpsDecision } from './https-decision.ts';
import { type ResolvedConfig, resolveConfig, type UserInput } from './resolve-config.ts';
import { type Context, closeConnection, type HostSession } from './session.ts';

/** Connects to a server and becomes root there. How the login is done, and who answers its questions, is the caller's to know. */
export type Connect = (server: string, options?: Pick<ConnectOptions, 'first' | 'onMilestone' | 'signal'>) => Promise<Connected>;

/** Connects to the configuration's server and surveys it. */
export async function connectAndSurvey(resolved: ResolvedConfig, connect: Connect, context: Context): Promise<HostSession> {
  const { config, playbooks } = resolved;
  if (!config.server) {
    throw new Problem({
      message: 'No server was named.',
      hint: 'Name it on the command line (foobar-provision user@host), or as `server` in foobar.config.ts; foobar-provision init writes one.',
    });
  }
  if (playbooks.length > 0) (await import('../https/decide.ts')).anticipate(config);
  const connected = await connect(config.server, { first: surveyScript(config, playbooks), signal: context.signal });
  return sessionOf(resolved, connected, context);
}

/**
 * Connects while the application's files are read here; where they are built or fetched first, after that. What is wrong with the configuration
 * or the files is told before what is wrong with the host. `onConnected` may use the host while it is surveyed; it is not called where the
 * files are read first.
 */
export async function connectWhileResolving(
  input: UserInput,
  connect: Connect,
  context: Context,
  onConnected: (resolved: ResolvedConfig, transport: Transport) => void = () => {},
): Promise<HostSession> {
  const server = input.overrides.server ?? input.user.server;
  if (server === undefined || !isReadAtOnce(input.user, input.overrides))
    return connectAndSurvey(await resolveConfig(input, context.emit), connect, context);
  const needless = new AbortController();
  // What connects is loaded before this process is busy with the files, so that the host works meanwhile.
  const resolving = import('../transport/login.ts').then(() => resolveConfig(input, context.emit));
  const first = resolving.then(({ config, playbooks }) => surveyScript(config, playbooks));
  const connecting = connect(server, { first, signal: AbortSignal.any([context.signal, needless.signal]) });
  for (const each of [first, connecting]) each.catch(() => {});
  const resolved = await resolving.catch(async (error: unknown) => {
    needless.abort();
    await connecting.then(
      ({ transport }) => transport.close(),
      () => {},
    );
    throw error;
  });
  (await import('../https/decide.ts')).anticipate(resolved.config);
  const connected = await connecting;
  onConnected(resolved, connected.transport);
  return sessionOf(resolved, connected, context);
}

/** Surveys the host of a session once more. */
export async function resurvey(session: HostSession): Promise<HostSession> {
  const { transport, config, playbooks } = session;
  const output = await transport.script(surveyScript(config, playbooks), { timeout: surveySeconds });
  return { ...session, survey: parseSurvey(output, config.name, transport.login) };
}

/** Surveys a host that we are connected to already. */
export async function surveyConnected(resolved: ResolvedConfig, transport: Transport, context: Context): Promise<HostSession> {
  const output = await transport.script(surveyScript(resolved.config, resolved.playbooks), { timeout: surveySeconds });
  return surveyed(resolved, transport, output, context);
}

async function sessionOf(resolved: ResolvedConfig, { transport, first }: Connected, context: Context): Promise<HostSession> {
  const output = await first.catch(async (error: unknown) => {
    await transport.close();
    throw error;
  });
  return surveyed(resolved, transport, output, context);
}

/** Understands a survey. Where it is of no use, the connection is closed. */
async function surveyed(resolved: ResolvedConfig, transport: Transport, output: Output, { emit }: Context): Promise<HostSession> {
  const { config } = resolved;
  try {
    const survey = parseSurvey(output, config.name, transport.login);
    emit({ event: 'connected', host: transport.host, title: survey.facts.title });
    for (const text of notesOf(survey)) emit({ event: 'note', text });
    return await withHttpsDecision({ ...resolved, configBeforeHttps: config, transport, survey, waiting: [] }, config, emit);
  } catch (error) {
    await closeConnection(transport, listsIn(output));
    throw error;
  }
}

/** What a person should know about the host before anything else is done there. */
function notesOf({ cut, active, refusal, leftovers }: Survey): readonly string[] {
  return [
    ...(cut && !active
      ? [`The last run here (${cut.id}) was interrupted at ${cut.step || 'its start'}; the next one continues from there.`]
      : []),
    ...(refusal
      ? [
          `Nginx rejects its configuration on the host, so it does not reload and would not start after a reboot: ${refusal}. Fix that file if it is yours; a run fixes ours.`,
        ]
      : []),
    ...(leftovers ? [`Interrupted runs have left something here (${leftoversText(leftovers)}); the next run removes it.`] : []),
  ];
}
