import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import { exitCode, Problem } from '../error.ts';
import { prepareAuthentication } from './authentication.ts';
import { keepaliveIntervalMs, type Link, watch } from './connection.ts';
import { deadline } from './deadline.ts';
import { checkHostKey, readKnownHosts } from './host-key.ts';
import { interrupted } from './interrupted.ts';
import { fingerprint, keyType, orderAlgorithms } from './known-hosts.ts';
import type { ConnectOptions } from './options.ts';
import type { HostSettings } from './ssh-config.ts';

/** The timeout of the handshake and the authentication, not counting the time for a person's answers. */
const loginTimeoutMs = 30_000;

/** The number of characters of the server's messages that are kept. */
const maxServerText = 2000;

/**
 * Performs the handshake, checks the host's key and logs in over an open stream. Rejects with a `Problem` (exit 4) that says which of these
 * failed.
 */
export async function openLink(settings: HostSettings, stream: Duplex, options: ConnectOptions): Promise<Link> {
  const state: { failure?: Error; trusted?: Buffer; serverText: string } = { serverText: '' };
  const hear = (words: string) => {
    state.serverText = `${state.serverText}${words}`.slice(0, maxServerText);
  };
  const failure = () => state.failure;
  const giveUp = (error: Error) => {
    state.failure ??= error;
    stream.destroy();
  };
  // The host may hang up while we read files or ask a person, before ssh2 listens for errors.
  stream.on('error', (error) => giveUp(error));
  const clock = deadline(loginTimeoutMs, () => giveUp(new Error('the host stopped answering')));
  const interrupt = () => giveUp(interrupted(settings.name));
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const known = await readKnownHosts(settings, options.hostKeys);
    const { ask } = options;
    const askUntimed = ask && ((prompt: string, echo: boolean) => clock.paused(() => ask(prompt, echo)));
    const authentication = await prepareAuthentication(settings, options.identity, askUntimed, giveUp);
    // If the stream has died meanwhile, ssh2 would wait for ever.
    if (options.signal?.aborted) throw interrupted(settings.name);
    if (stream.destroyed || state.failure !== undefined) throw loginProblem(settings, state.failure, state);
    const host = settings.hostKeyAlias ?? settings.hostname;
    const ssh = new NodeSSH();
    const ready = ssh.connect({
      sock: stream,
      username: settings.user,
      // We have our own deadline, because ssh2's does not pause while a person thinks.
      readyTimeout: 0,
      keepaliveInterval: keepaliveIntervalMs,
      // Pings queue behind an upload on a slow network, so `watch` measures silence instead of unanswered pings.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: { serverHostKey: orderAlgorithms(known.entries, host, settings.hostKeyAlias === undefined ? settings.port : 22) },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
        // ssh2 calls this again whenever the session's keys are renewed.
        if (state.trusted?.equals(key)) return verify(true);
        clock
          .paused(() => checkHostKey(key, settings, known, options.hostKeys))
          .then(
            () => {
              state.trusted = key;
              options.onMilestone?.({ reached: 'host key', host: settings.name, detail: `${keyType(key)} ${fingerprint(key)}` });
              verify(true);
            },
            (problem: Error) => {
              state.failure ??= problem;
              verify(false);
            },
          );
      },
      authHandler: authentication.handler,
    });
    const client = ssh.connection;
    // A server that refuses a client says why before its version, or in a banner before the login.
    const listen = (bytes: Buffer) => {
      hear(bytes.toString('latin1').replace(/^SSH-.*$/ms, ''));
      if (/^SSH-/m.test(bytes.toString('latin1')) || state.serverText.length === maxServerText) stream.off('data', listen);
    };
    stream.on('data', listen);
    client?.on('banner', hear);
    // Without this listener, a connection that dies later would cause an uncaught exception.
    client?.on('error', (error) => {
      state.failure ??= error;
    });
    try {
      await ready;
    } catch (error) {
      throw isRefusal(error) ? authentication.problem(error, state.serverText) : loginProblem(settings, failure() ?? error, state);
    } finally {
      stream.off('data', listen);
    }
    if (client === null) throw loginProblem(settings, failure(), state);
    options.onMilestone?.({ reached: 'login', host: settings.name, detail: settings.user });
    const hostKey = state.trusted === undefined ? '' : keyType(state.trusted);
    return watch(client, settings, stream, { user: settings.user, by: authentication.method(), hostKey }, failure);
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    clock.stop();
    options.signal?.removeEventListener('abort', interrupt);
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('level' in error && error.level === 'client-authentication') || /too many authentication failures/i.test(error.message);
}

function loginProblem(
  settings: HostSettings,
  cause: unknown,
  { trusted, serverText }: { readonly trusted?: Buffer; readonly serverText: string },
): Problem {
  if (cause instanceof Problem) return cause;
  const { hostname, port, user } = settings;
  const why = cause instanceof Error && serverText === '' ? ` (${cause.message})` : '';
  // A host whose key has been checked runs an SSH server, so the cause is probably the account.
  const [message, hint] =
    trusted === undefined
      ? [
          `${hostname} port ${port} closed the connection before the login was complete${why}.`,
          'Is it an SSH server? It may still be starting, refuse this address after failed logins, refuse too many simultaneous logins (MaxStartups; wait a minute), or offer only outdated algorithms.',
        ]
      : [
          `${hostname} closed the connection while ${user} was logging in${why}.`,
          'The account may be locked or expired, or the host admits only root for now (/etc/nologin; while it boots or shuts down). See the log there: journalctl -u ssh',
        ];
  return new Problem({
    message,
    hint,
    exit: exitCode.unreachable,
    host: settings.name,
    cause,
    ...(serverText !== '' && { stderr: serverText.trim() }),
  });
}
