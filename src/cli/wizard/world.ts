import type { Recognized } from '../../application/detect.ts';
import type { Answers } from './answers.ts';
import type { Offer } from './available-software.ts';
import type { Here } from './project-folder.ts';
import type { PublicKeys } from './public-keys.ts';
import type { Question, Sandboxes } from './questions.ts';

/** Everything that the questions need from the world. */
export interface Interview {
  /** The answers from the command line, which are not asked for again. */
  readonly given: Partial<Answers>;
  /** The answers in the existing configuration, which are proposed. */
  readonly current?: Partial<Answers>;
  /** The names in the user's ssh_config. */
  readonly hosts: readonly string[];
  readonly sandboxes: Sandboxes;
  readonly keys: PublicKeys;
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
