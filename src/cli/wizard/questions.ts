import { requireApplicationFolder } from '../../application/source.ts';
import { repositoryOf } from '../../config/backups.ts';
import { domainName } from '../../config/domain.ts';
import { Problem } from '../../error.ts';
import { acceptsPhp } from '../../runtimes/php/accepts.ts';
import { phpVersion } from '../../runtimes/php/version.ts';
import { parseTarget } from '../../transport/target.ts';
import type { Offer } from './available-software.ts';
import { applicationHere, type Here } from './project-folder.ts';

/** A question in inquirer's format. The answer is a text. */
export type Question = Select | Input;

export interface Input {
  readonly type: 'input';
  readonly message: string;
  readonly default?: string;
  readonly validate: (text: string) => true | string | Promise<true | string>;
}

export interface Select {
  readonly type: 'select';
  readonly message: string;
  /** `short` is the part of a long name that stays on the screen. */
  readonly choices: readonly { readonly name: string; readonly value: string; readonly short?: string }[];
  readonly default?: string;
  /** The selection does not jump from one end of the list to the other. */
  readonly loop: false;
}

/** Thrown instead of an answer by somebody who wants to answer the previous question again. */
export const goBack = Symbol('back');

/** The answer that leads to another question. */
export const another = 'another';
/** The answer that leaves the key out of the configuration, so that the default applies. */
export const byDefault = '';

/** Returns a validator from the code that checks the configuration, with the same messages. */
export function checkedBy(check: (text: string) => unknown): (text: string) => Promise<true | string> {
  return async (text) => {
    try {
      await check(text.trim());
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return `${error.message} ${error.details.hint ?? ''}`.trim();
    }
  };
}

/** The throwaway hosts of this machine. */
export interface Sandboxes {
  readonly running: readonly { readonly name: string; readonly server: string }[];
  readonly canCreate: boolean;
  /** Resolves to the login of a new one. */
  readonly create: () => Promise<string>;
}

/** The answer that makes a new throwaway host. */
export const newSandbox = 'sandbox';

export function whichHost(hosts: readonly string[], { running, canCreate }: Omit<Sandboxes, 'create'>, current?: string): Select {
  const known = [...hosts, ...running.map(({ server }) => server)];
  return {
    type: 'select',
    message: 'Which host?',
    choices: [
      ...asNow(current, known),
      ...hosts.map((name) => ({ name, value: name })),
      { name: hosts.length > 0 ? 'another …' : 'a server of mine …', value: another, short: 'a server' },
      ...running.map(({ name, server }) => ({ name: `${name}, a throwaway host on this machine`, value: server, short: server })),
      ...(canCreate
        ? [{ name: 'none yet: try it on a new throwaway host on this machine', value: newSandbox, short: 'a throwaway host' }]
        : []),
    ],
    ...defaultTo(current),
    loop: false,
  };
}

function defaultTo(value: string | undefined): { readonly default?: string } {
  return value === undefined ? {} : { default: value };
}

/** Returns a choice for the value that the configuration has, unless it is one of the others. */
function asNow(current: string | undefined, others: readonly string[]) {
  return current === undefined || others.includes(current) ? [] : [{ name: `${current} (as now)`, value: current, short: current }];
}

export function hostName(before?: string): Question {
  return {
    type: 'input',
    message: 'Host ([user@]host[:port]):',
    ...(before !== undefined && { default: before }),
    validate: checkedBy((text) => {
      if (text === '') throw new Problem({ message: 'Name a host:', hint: 'root@203.0.113.5, or a Host of your ssh_config.' });
      parseTarget(text);
    }),
  };
}

export const howToContinue: Question = {
  type: 'select',
  message: 'Continue?',
  choices: [
    { name: 'with another host', value: another },
    { name: 'without it: its PHP and database are not looked up', value: 'without', short: 'without it' },
  ],
  loop: false,
};

export function whichDomain(proposed: string): Question {
  return { type: 'input', message: "The site's domain:", default: proposed, validate: checkedBy(domainName) };
}

export function whichApp(here: Here, current?: string): Question {
  const found = applicationHere(here);
  const this_ = { name: `this folder${found ? ` (it has ${found})` : ''}: ${here.folder}`, value: here.folder, short: 'this folder' };
  const bundled = { name: 'the bundled www.foobar.com, to see it work', value: byDefault, short: 'the bundled www.foobar.com' };
  return {
    type: 'select',
    message: 'Which application?',
    choices: [
      ...asNow(current, [here.folder]),
      ...(found ? [this_, bundled] : [bundled, this_]),
      { name: 'another folder …', value: another },
    ],
    ...defaultTo(current),
    loop: false,
  };
}

export function appFolder(): Question {
  return { type: 'input', message: "The application's folder:", validate: checkedBy((text) => requireApplicationFolder(expanded(text))) };
}

/** Expands `~` to the home folder, like a shell. */
export function expanded(path: string): string {
  return path === '~' || path.startsWith('~/') ? `${process.env.HOME ?? '~'}${path.slice(1)}` : path;
}

/**
 * Returns the question for PHP's version. Without an offer, the versions on the host are unknown. The first one that the application accepts is
 * proposed, by the constraint in its composer.json.
 */
export function whichPhp(offer: Offer | undefined, constraint?: string, current?: string): Question {
  const [own, ...others] = offer?.php ?? [];
  const refused = (version: string) => (acceptsPhp(constraint, version) ? '' : ` (composer.json requires ${constraint})`);
  const proposed = own === undefined || acceptsPhp(constraint, own) ? undefined : others.find((version) => acceptsPhp(constraint, version));
  return {
    type: 'select',
    message: 'PHP:',
    choices: [
      { name: own ? `${own}, the distribution's own${refused(own)}` : "the distribution's own", value: byDefault },
      ...asNow(current, others),
      ...others.map((version) => ({ name: `${version}${refused(version)}`, value: version })),
      ...(offer ? [] : [{ name: 'a specific version …', value: another }]),
    ],
    ...defaultTo(current ?? proposed),
    loop: false,
  };
}

export function phpNumber(): Question {
  return { type: 'input', message: "PHP's version:", default: '8.4', validate: checkedBy(phpVersion) };
}

const titles = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

export function whichDatabase(offer: Offer | undefined, current?: string): Question {
  const found = offer?.databases ?? [];
  const choices =
    found.length > 0
      ? found.map(({ engine, version }, index) => ({
          name: `${titles[engine]} ${version}`,
          value: index === 0 && engine !== current ? byDefault : engine,
        }))
      : [
          { name: 'MySQL where the distribution has it, otherwise MariaDB', value: byDefault, short: 'MySQL, otherwise MariaDB' },
          { name: 'MariaDB', value: 'mariadb' },
          { name: 'MySQL', value: 'mysql' },
        ];
  const all = [...choices, { name: 'none', value: 'none' }];
  const isOffered = all.some(({ value }) => value === current);
  return { type: 'select', message: 'Database:', choices: all, ...defaultTo(isOffered ? current : undefined), loop: false };
}

export function emailAddress(current?: string): Question {
  return {
    type: 'input',
    message: 'E-mail address for certificates (may be empty):',
    ...defaultTo(current),
    validate: (text) => text.trim() === '' || /^[^\s@']+@[^\s@']+$/.test(text.trim()) || 'This is not an e-mail address.',
  };
}

export function whichBackups(current?: string): Question {
  return {
    type: 'select',
    message: 'Backups, every night:',
    choices: [
      ...asNow(current, []),
      { name: 'none for now', value: byDefault },
      { name: 'to another server, by SFTP …', value: 'sftp:backup@203.0.113.9:/backups', short: 'by SFTP' },
      { name: 'to an S3 bucket …', value: 's3:https://s3.example.com/bucket', short: 'to S3' },
      { name: 'to a disk that is mounted on the host …', value: '/mnt/backups', short: 'to a disk' },
    ],
    ...defaultTo(current),
    loop: false,
  };
}

/** Asks for the repository, in the notation of the example. */
export function backupRepository(example: string): Question {
  return {
    type: 'input',
    message: `Where to (${example}):`,
    validate: (text) =>
      repositoryOf(text.trim()) !== undefined || 'Write a folder (/mnt/backups), sftp:user@host:/path, or s3:https://host/bucket.',
  };
}
