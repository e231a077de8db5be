import { z } from 'zod/mini';
import { Problem } from '../../error.ts';
import { defineRuntime, type Stated } from '../definition.ts';
import { requireFillable } from '../http-program.ts';
import { sendingRules } from '../node/dependencies.ts';
import { commandLine, type Fields } from '../rules.ts';

export interface UserCommand {
  /**
   * The command that starts the HTTP server, in the release's folder: `./server`. It listens on the Unix socket that the variable `SOCKET`
   * names, which no other site reaches, or on the port of 127.0.0.1 in `PORT`.
   */
  readonly run: string;
  /** Whether it takes its listening socket from systemd instead (socket activation, `LISTEN_FDS`). By default `false`. */
  readonly activated?: boolean | undefined;
}

/** The settings of a site that any program serves. */
export interface CommandRuntime {
  readonly kind: 'command';
  readonly run: string;
  readonly activated: boolean;
}

const schema = z.strictObject({
  run: commandLine,
  activated: z.optional(z.boolean()),
} satisfies Fields<UserCommand>);

export const command = defineRuntime<UserCommand, CommandRuntime>({
  answersEveryAddress: true,
  isStatedBySettings: true,
  schema,
  sends: sendingRules,
  // The program's own number of processes is not known; it may have a pool of database connections.
  processes: ({ share }) => Math.min(share, 10),
  resolve: resolveCommand,
});

async function resolveCommand(user: UserCommand | undefined, { env }: Stated): Promise<CommandRuntime> {
  requireFillable(env);
  if (user === undefined)
    throw new Problem({
      message: 'app.runtime is command, but command.run does not say which program to start.',
      hint: "Name it, for example: command: { run: './server' }.",
    });
  return { kind: 'command', run: user.run, activated: user.activated ?? false };
}
