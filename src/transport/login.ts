import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import { exitCode, Problem } from '../error.ts';
import { prepareAuthentication } from './authentication.ts';
import { type Link, pulse, watch } from './connection.ts';
import { deadline } from './deadline.ts';
import { checkHostKey, readKnownHosts } from './host-key.ts';
import { interrupted } from './interrupted.ts';
import { fingerprint, keyType, orderAlgorithms } from './known-hosts.ts';
import type { ConnectOptions } from './options.ts';
import type { HostSettings } from './ssh-config.ts';

/** Milliseconds that a handshake and the authentication may take, a person's answers not counted. */
const patience = 30_000;

/** Characters of a server's own words that are kept. */
const mostWords = 2000;

/** Shakes hands, checks the host's key and logs in over an open stream. Rejects with a `Problem` (exit 4) that says which of them failed. */
export async function openLink(settings: HostSettings, stream: Duplex, options: ConnectOptions): Promise<Link> {
  const state: { failure?: Error; trusted?: Buffer; said: string } = { said: '' };
  const hear = (words: string) => {
    state.said = `${state.said}${words}`.slice(0, mostWords);
  };
  const failure = () => state.failure;
  const give = (error: Error) => {
    state.failure ??= error;
    stream.destroy();
  };
  // The other end may hang up while files are read or a person is asked, when ssh2 is not listening yet.
  stream.on('error', (error) => give(error));
  const clock = deadline(patience, () => give(new Error('the host stopped answering')));
  const interrupt = () => give(interrupted(settings.name));
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const known = await readKnownHosts(settings, options.hostKeys);
    const { ask } = options;
    const patient = ask && ((prompt: string, echo: boolean) => clock.paused(() => ask(prompt, echo)));
    const authentication = await prepareAuthentication(settings, options.identity, patient, give);
    // On a stream that has died meanwhile, ssh2 would wait for ever.
    if (options.signal?.aborted) throw interrupted(settings.name);
    if (stream.destroyed || state.failure !== undefined) throw failed(settings, state.failure, state);
    const host = settings.hostKeyAlias ?? settings.hostname;
    const ssh = new NodeSSH();
    const ready = ssh.connect({
      sock: stream,
      username: settings.user,
      // The deadline is ours, because ssh2's does not stop while a person thinks.
      readyTimeout: 0,
      keepaliveInterval: pulse,
      // Pings wait behind an upload on a slow link, so silence is measured below, not their answers.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: { serverHostKey: orderAlgorithms(known.entries, host, settings.hostKeyAlias === undefined ? settings.port : 22) },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
        // ssh2 asks again whenever the session's keys are renewed.
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
    // A server that turns somebody away says why before its version, or in a banner before the login.
    const listen = (bytes: Buffer) => {
      hear(bytes.toString('latin1').replace(/^SSH-.*$/ms, ''));
      if (/^SSH-/m.test(bytes.toString('latin1')) || state.said.length === mostWords) stream.off('data', listen);
    };
    stream.on('data', listen);
    client?.on('banner', hear);
    // Without a listener of ours, a link that dies later would be an uncaught exception.
    client?.on('error', (error) => {
      state.failure ??= error;
    });
    try {
      await ready;
    } catch (error) {
      throw isRefusal(error) ? authentication.problem(error, state.said) : failed(settings, failure() ?? error, state);
    } finally {
      stream.off('data', listen);
    }
    if (client === null) throw failed(settings, failure(), state);
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

function failed(settings: HostSettings, cause: unknown, { trusted, said }: { readonly trusted?: Buffer; readonly said: string }): Problem {
  if (cause instanceof Problem) return cause;
  const { hostname, port, user } = settings;
  const why = cause instanceof Error && said === '' ? ` (${cause.message})` : '';
  // Where its key was checked it is an SSH server, and what is wrong is the account.
  const [message, hint] =
    trusted === undefined
      ? [
          `${hostname} port ${port} closed the connection before the login was complete${why}.`,
          'Is it an SSH server? It may be starting, be refusing this address after failed logins or because too many log in at once (MaxStartups; wait a minute), or offer only algorithms that are too old.',
        ]
      : [
          `${hostname} closed the connection while ${user} was logging in${why}.`,
          'The account may be locked or expired, or the host lets only root in for now (/etc/nologin; while it boots or shuts down). See the log there: journalctl -u ssh',
        ];
  return new Problem({
    message,
    hint,
    exit: exitCode.unreachable,
    host: settings.name,
    cause,
    ...(said !== '' && { stderr: said.trim() }),
  });
}
