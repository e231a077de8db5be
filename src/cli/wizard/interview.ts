import { isAbsolute, relative, resolve } from 'node:path';
import { type Recognized, recognizedText } from '../../application/detect.ts';
import { exitCode, Problem } from '../../error.ts';
import { defaultRuntime, type RuntimeName } from '../../runtimes/index.ts';
import type { Answers } from './answers.ts';
import type { Offer } from './available-software.ts';
import type { Here } from './project-folder.ts';
import { domainHere } from './project-folder.ts';
import {
  another,
  appFolder,
  backupRepository,
  byDefault,
  emailAddress,
  expanded,
  goBack,
  hostName,
  howToContinue,
  phpNumber,
  type Question,
  whichApp,
  whichBackups,
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
  /** Resolves to the answer. Rejects with `goBack` if the previous question is to be asked again. */
  readonly ask: (question: Question) => Promise<string>;
  /** Shows a note between two questions. */
  readonly note: (text: string) => void;
  /** Connects to the host. Rejects with a Problem if the login fails. */
  readonly visit: (server: string) => Promise<void>;
  /** Resolves to a sentence about a domain that does not point to the host, or to undefined if it does or the host is not known. */
  readonly points: (domain: string) => Promise<string | undefined>;
  /** Resolves to the software that the connected host offers for this site. */
  readonly offer: (domain: string) => Promise<Offer>;
  /** Resolves to what the files of an application show about it, or to undefined if they cannot be read. */
  readonly recognize: (app: string) => Promise<Recognized | undefined>;
  /** True if the interview continues although the host is unreachable. */
  readonly withoutHost: boolean;
}

/** What is known after some of the questions. */
interface Draft extends Partial<Answers> {
  /** Whether the login to the host succeeded. */
  readonly visited?: boolean;
  readonly recognized?: Recognized | undefined;
  readonly offered?: Offer | undefined;
}

/** Asks for one thing, unless it is known already. The answer may take several questions. `isFirst`: no step has asked anything yet. */
type Step = (world: Interview, draft: Draft, isFirst: boolean) => Promise<Draft>;

/** The questions in their order. Each uses the answers before it. */
const steps: readonly Step[] = [
  async (world, draft) => ({ ...draft, ...(await host(world)) }),
  async (world, draft) => ({ ...draft, domain: await domainOf(world) }),
  async (world, draft) => {
    const app = world.given.app ?? (await application(world));
    const recognized = app === byDefault ? undefined : await world.recognize(app);
    if (recognized !== undefined) world.note(recognizedText(recognized));
    const dump = world.here.names.find((name) => /\.sql(?:\.(?:gz|bz2|xz|zst))?$/.test(name));
    if (dump !== undefined) world.note(`${dump} looks like a dump of a database. After the first run: foobar-provision db import ${dump}`);
    return { ...draft, app, recognized };
  },
  async (world, draft) => {
    const { given } = world;
    const versionOf = versionQuestions[draft.recognized?.runtime ?? defaultRuntime];
    const asks = (given.php === undefined && versionOf !== undefined) || given.database === undefined;
    const offered = draft.visited && asks ? await orNothing(world, () => world.offer(draft.domain ?? '')) : undefined;
    return { ...draft, offered, php: given.php ?? (await versionOf?.(world.ask, offered, draft.recognized?.engine)) ?? byDefault };
  },
  async ({ given, ask }, draft) => {
    const database = given.database ?? databaseIn(await ask(whichDatabase(draft.offered)));
    return { ...draft, ...(database && { database }) };
  },
  // If the command line answers all the earlier questions, the optional questions are skipped.
  async ({ ask }, draft, isFirst) => (isFirst ? draft : { ...draft, email: (await ask(emailAddress)).trim() }),
  async ({ ask }, draft, isFirst) => {
    if (isFirst) return draft;
    const example = await ask(whichBackups);
    return { ...draft, backups: example === byDefault ? byDefault : (await ask(backupRepository(example))).trim() };
  },
];

/** Asks for the missing answers. If a question is answered with `goBack`, the one before it is asked again, with its last answer as default. */
export async function interview(world: Interview): Promise<Answers> {
  const { server = '', domain = '', app = byDefault, php, database, email, backups, recognized } = await answersOf(world);
  return {
    server,
    domain,
    ...(app !== byDefault && { app: inFolder(world.here.folder, app) }),
    ...(php && { php }),
    ...(recognized && recognized.runtime !== defaultRuntime && { runtime: recognized.runtime }),
    ...(database && { database }),
    ...(email && { email }),
    ...(backups && { backups }),
  };
}

async function answersOf(world: Interview): Promise<Draft> {
  const last = new Map<string, string>();
  /** The steps that asked something, each with what was known before it. */
  const asked: { readonly index: number; readonly draft: Draft }[] = [];
  let [index, draft]: [number, Draft] = [0, {}];
  for (let step = steps[index]; step !== undefined; step = steps[index]) {
    let questions = 0;
    const ask = async (question: Question) => {
      questions += 1;
      const before = last.get(question.message);
      const answer = await world.ask(before === undefined ? question : { ...question, default: before });
      last.set(question.message, answer);
      return answer;
    };
    try {
      const next = await step({ ...world, ask }, draft, asked.length === 0);
      if (questions > 0) asked.push({ index, draft });
      [index, draft] = [index + 1, next];
    } catch (error) {
      if (error !== goBack) throw error;
      // Going back from a later question of a step asks the step's first question again. Before the very first question there is none.
      const previous = questions > 1 ? undefined : asked.pop();
      world.note(previous || questions > 1 ? 'Back to the question before.' : 'This is the first question.');
      if (previous) ({ index, draft } = previous);
    }
  }
  return draft;
}

async function domainOf({ given, here, ask, note, points }: Interview): Promise<string> {
  const domain = given.domain ?? (await ask(whichDomain(domainHere(here)))).trim();
  const remark = await points(domain);
  if (remark !== undefined) note(remark);
  return domain;
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
const versionQuestions: {
  readonly [Name in RuntimeName]?: (ask: Interview['ask'], offered: Offer | undefined, accepted: string | undefined) => Promise<string>;
} = {
  php: phpOf,
};

async function phpOf(ask: Interview['ask'], offered: Offer | undefined, accepted: string | undefined): Promise<string> {
  const chosen = await ask(whichPhp(offered, accepted));
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
