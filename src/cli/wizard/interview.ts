import { isAbsolute, relative, resolve } from 'node:path';
import { type Recognised, recognisedText } from '../../application/detect.ts';
import { exitCode, Problem } from '../../error.ts';
import { defaultRuntime, type RuntimeName } from '../../runtimes/index.ts';
import type { Answers } from './answers.ts';
import type { Offer } from './available-software.ts';
import type { Here } from './project-folder.ts';
import { domainHere } from './project-folder.ts';
import {
  another,
  appFolder,
  byDefault,
  expanded,
  hostName,
  howToContinue,
  phpNumber,
  type Question,
  whichApp,
  whichDatabase,
  whichDomain,
  whichHost,
  whichPhp,
} from './questions.ts';

/** Everything that the questions need from the world. */
export interface Interview {
  /** The answers from the command line, which are not asked for again. */
  readonly given: Partial<Answers>;
  /** The names in the user's ssh_config. */
  readonly hosts: readonly string[];
  readonly here: Here;
  readonly ask: (question: Question) => Promise<string>;
  /** Shows a note between two questions. */
  readonly note: (text: string) => void;
  /** Connects to the host. Rejects with a Problem if the login fails. */
  readonly visit: (server: string) => Promise<void>;
  /** Resolves to the software that the connected host offers for this site. */
  readonly offer: (domain: string) => Promise<Offer>;
  /** Resolves to what the files of an application show about it, or to undefined if they cannot be read. */
  readonly recognise: (app: string) => Promise<Recognised | undefined>;
  /** True if the interview continues although the host is unreachable. */
  readonly withoutHost: boolean;
}

/** Asks for the missing answers. Each question uses the answers before it. */
export async function interview(world: Interview): Promise<Answers> {
  const { given, here, ask, offer } = world;
  const { server, visited } = await host(world);
  const domain = given.domain ?? (await ask(whichDomain(domainHere(here)))).trim();
  const app = given.app === undefined ? await application(world) : given.app;
  const recognised = app === byDefault ? undefined : await world.recognise(app);
  if (recognised !== undefined) world.note(recognisedText(recognised));
  const versionOf = versionQuestions[recognised?.runtime ?? defaultRuntime];
  const asks = (given.php === undefined && versionOf !== undefined) || given.database === undefined;
  const offered = visited && asks ? await orNothing(world, () => offer(domain)) : undefined;
  const php = given.php ?? (await versionOf?.(ask, offered)) ?? byDefault;
  const database = given.database ?? databaseIn(await ask(whichDatabase(offered)));
  return {
    server,
    domain,
    ...(app !== byDefault && { app: inFolder(here.folder, app) }),
    ...(php !== byDefault && { php }),
    ...(recognised && recognised.runtime !== defaultRuntime && { runtime: recognised.runtime }),
    ...(database && { database }),
  };
}

/** Resolves to a host that can be logged in to, or, if `withoutHost` allows it, to one that cannot. */
async function host(world: Interview): Promise<{ readonly server: string; readonly visited: boolean }> {
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

async function named({ hosts, ask }: Interview, before: string | undefined): Promise<string> {
  const chosen = hosts.length > 0 ? await ask(whichHost(hosts)) : another;
  return chosen === another ? (await ask(hostName(before))).trim() : chosen;
}

/** Resolves to the offer, or to undefined if the lookup fails for somebody who only wants a configuration. */
async function orNothing({ note, withoutHost }: Interview, look: () => Promise<Offer>): Promise<Offer | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Problem) || !withoutHost) throw error;
    note(`${error.message} ${error.details.hint ?? ''}`.trim());
    return undefined;
  }
}

async function application({ ask, here }: Interview): Promise<string> {
  const chosen = await ask(whichApp(here));
  return chosen === another ? expanded((await ask(appFolder())).trim()) : chosen;
}

/** The questions for the version of what runs an application, where a host has several. */
const versionQuestions: { readonly [Name in RuntimeName]?: (ask: Interview['ask'], offered: Offer | undefined) => Promise<string> } = {
  php: phpOf,
};

async function phpOf(ask: Interview['ask'], offered: Offer | undefined): Promise<string> {
  const chosen = await ask(whichPhp(offered));
  return chosen === another ? (await ask(phpNumber())).trim() : chosen;
}

function databaseIn(answer: string): Answers['database'] {
  return answer === 'mysql' || answer === 'mariadb' || answer === 'none' ? answer : undefined;
}

/**
 * Returns the path of the application relative to the configuration's folder, unless it is far away. `app` is relative to the working
 * directory, like paths that are typed.
 */
function inFolder(folder: string, app: string): string {
  const path = relative(folder, resolve(app));
  if (path === '') return '.';
  if (path.startsWith('../../') || isAbsolute(path)) return resolve(app);
  return path.startsWith('.') ? path : `./${path}`;
}
