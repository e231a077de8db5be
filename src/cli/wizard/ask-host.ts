import { exitCode, Problem } from '../../error.ts';
import { another, hostName, howToContinue, newSandbox, whichHost } from './questions.ts';
import type { Interview } from './world.ts';

/** Resolves to a host that can be logged in to, or, if `withoutHost` allows it, to one that cannot. */
export async function askHost(world: Interview): Promise<{ readonly server: string; readonly visited: boolean }> {
  const { given, ask, note, visit, withoutHost } = world;
  let before: string | undefined;
  let server = given.server;
  for (;;) {
    server ??= await named(world, before);
    try {
      await visit(server);
      return { server, visited: true };
    } catch (error) {
      // A host that was named on the command line is not asked for again.
      if (!(error instanceof Problem && error.exit === exitCode.unreachable) || (given.server && !withoutHost)) throw error;
      note(`${error.message} ${error.details.hint ?? ''}`.trim());
      if (withoutHost && (await ask(howToContinue)) === 'without') return { server, visited: false };
      before = server;
      server = undefined;
    }
  }
}

async function named({ hosts, sandboxes, current, ask }: Interview, before: string | undefined): Promise<string> {
  const question = whichHost(hosts, sandboxes, current?.server);
  const chosen = question.choices.length > 1 ? await ask(question) : another;
  if (chosen === newSandbox) return sandboxes.create();
  return chosen === another ? (await ask(hostName(before ?? current?.server))).trim() : chosen;
}
