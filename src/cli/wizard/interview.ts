import { isAbsolute, relative, resolve } from 'node:path';
import { type Recognized, recognizedText } from '../../application/detect.ts';
import { Problem } from '../../error.ts';
import { defaultRuntime, type RuntimeName } from '../../runtimes/index.ts';
import type { Answers } from './answers.ts';
import { askHost } from './ask-host.ts';
import { askPeople } from './ask-people.ts';
import type { Offer } from './available-software.ts';
import { folderNotes } from './folder-notes.ts';
import { domainHere } from './project-folder.ts';
import {
  another,
  appFolder,
  backupRepository,
  byDefault,
  emailAddress,
  expanded,
  goBack,
  phpNumber,
  type Question,
  whichApp,
  whichBackups,
  whichDatabase,
  whichDomain,
  whichPhp,
} from './questions.ts';
import type { Interview } from './world.ts';

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
  async (world, draft) => ({ ...draft, ...(await askHost(world)) }),
  async (world, draft) => ({ ...draft, domain: await domainOf(world) }),
  async (world, draft) => {
    const app = world.given.app ?? (await application(world));
    // A path in the configuration is relative to it.
    const path = app === world.current?.app ? resolve(world.here.folder, app) : app;
    const recognized = app === byDefault ? undefined : await world.recognize(path);
    if (recognized !== undefined) world.note(recognizedText(recognized));
    for (const text of folderNotes(world.here)) world.note(text);
    return { ...draft, app, recognized };
  },
  async (world, draft) => {
    const { given, current } = world;
    const versionOf = versionQuestions[draft.recognized?.runtime ?? defaultRuntime];
    const asks = (given.php === undefined && versionOf !== undefined) || given.database === undefined;
    const offered = draft.visited && asks ? await orNothing(world, () => world.offer(draft.domain ?? '')) : undefined;
    return {
      ...draft,
      offered,
      php:
        given.php ?? (versionOf ? await versionOf(world.ask, offered, draft.recognized?.engine, current?.php) : current?.php) ?? byDefault,
    };
  },
  async ({ given, ask, current }, draft) => {
    const database = given.database ?? databaseIn(await ask(whichDatabase(draft.offered, current?.database)));
    return { ...draft, ...(database && { database }) };
  },
  // If the command line answers all the earlier questions, the optional questions are skipped.
  async ({ ask, current }, draft, isFirst) => (isFirst ? draft : { ...draft, email: (await ask(emailAddress(current?.email))).trim() }),
  async (world, draft, isFirst) => (isFirst ? draft : { ...draft, people: await askPeople(world) }),
  async ({ ask, current }, draft, isFirst) => {
    if (isFirst) return draft;
    const example = await ask(whichBackups(current?.backups));
    const isFinal = example === byDefault || example === current?.backups;
    return { ...draft, backups: isFinal ? example : (await ask(backupRepository(example))).trim() };
  },
];

/** Asks for the missing answers. If a question is answered with `goBack`, the one before it is asked again, with its last answer as default. */
export async function interview(world: Interview): Promise<Answers> {
  const { server = '', domain = '', app = byDefault, php, database, email, backups, people, recognized } = await answersOf(world);
  return {
    server,
    domain,
    ...(app !== byDefault && { app: app === world.current?.app ? app : inFolder(world.here.folder, app) }),
    ...(php && { php }),
    ...(recognized && recognized.runtime !== defaultRuntime && { runtime: recognized.runtime }),
    ...(database && { database }),
    ...(email && { email }),
    ...(people && { people }),
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

async function domainOf({ given, current, here, ask, note, points }: Interview): Promise<string> {
  const domain = given.domain ?? (await ask(whichDomain(current?.domain ?? domainHere(here)))).trim();
  const remark = await points(domain);
  if (remark !== undefined) note(remark);
  return domain;
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

async function application({ ask, here, current }: Interview): Promise<string> {
  const chosen = await ask(whichApp(here, current?.app));
  return chosen === another ? expanded((await ask(appFolder())).trim()) : chosen;
}

/** The questions for the version of what runs an application, where a host has several. */
const versionQuestions: {
  readonly [Name in RuntimeName]?: (
    ask: Interview['ask'],
    offered: Offer | undefined,
    accepted: string | undefined,
    current: string | undefined,
  ) => Promise<string>;
} = {
  php: phpOf,
};

async function phpOf(
  ask: Interview['ask'],
  offered: Offer | undefined,
  accepted: string | undefined,
  current: string | undefined,
): Promise<string> {
  const chosen = await ask(whichPhp(offered, accepted, current));
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
