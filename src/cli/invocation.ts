import type { Overrides } from '../config-file/complete.ts';
import { type ResolvedConfig, readUserInput, resolveConfig, type UserInput } from '../operations/resolve-config.ts';
import type { Context } from '../operations/session.ts';
import type { Route } from '../transport/route.ts';
import { interactive, type Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** The connection to the target of a command, which begins before the command's code is loaded. */
export interface Ahead {
  /** Returns the connection if it is to this server, once. */
  take(server: string): Promise<Route> | undefined;
  /** Closes the connection unless it was taken. */
  end(): Promise<void>;
}

/** A command as it was typed, with its reporter and its signal. */
export interface Invocation {
  /** The name of the command. */
  readonly name: string;
  readonly target: string | undefined;
  readonly options: Options;
  /** The words after the target, such as `on` for `maintenance`. */
  readonly words: readonly string[];
  /** The words after two dashes. */
  readonly command: readonly string[];
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** The connection to the target, if it has begun. */
  readonly ahead?: Ahead | undefined;
}

/** Returns an operation's context. It can ask questions if a person is at the terminal. */
export function contextOf({ name, options, reporter, signal }: Invocation): Context {
  return {
    command: name,
    emit: reporter.emit,
    confirm: interactive(options) ? async (question) => (await import('./ask.ts')).confirm(question, true, reporter, signal) : undefined,
    choose: interactive(options)
      ? async (question, choices) => (await import('./ask.ts')).choose(question, choices, reporter, signal)
      : undefined,
    signal,
  };
}

/** Reads the user's input: the configuration file, and the command line options that override it. */
export async function inputOf({ target, options, reporter }: Invocation, more: Pick<Overrides, 'sendsNothing'> = {}): Promise<UserInput> {
  const { host, site, domain, checksum, php, database, env } = options;
  const app = options.source ?? options.app;
  const input = await readUserInput(options.config, {
    ...more,
    ...(target && { server: target }),
    ...(host && { host }),
    ...(site && { site }),
    ...(domain && { domain }),
    ...(app && { app }),
    ...(checksum && { checksum: true }),
    ...(php && { php }),
    ...(database && { database }),
    ...(env && { environment: env }),
  });
  if (env) reporter.emit({ event: 'note', text: `Environment ${env}: ${[input.overlay, input.file].filter(Boolean).join(' over ')}` });
  return input;
}

/** Returns the configuration with all defaults. It connects to no host. */
export async function resolvedOf(invocation: Invocation): Promise<ResolvedConfig> {
  return resolveConfig(await inputOf(invocation), invocation.reporter.emit);
}
