import type { Result } from '../operations/event.ts';
import type { Sort } from './flags.ts';
import type { Invocation } from './invocation.ts';
import type { WordsOf } from './words.ts';

export type Work = (invocation: Invocation) => Promise<Result>;

export interface CommandEntry {
  readonly name: string;
  readonly about: string;
  /** Its heading in the help. */
  readonly group: 'Commands' | 'This machine';
  /** The groups of options that its help shows. It accepts all others too. */
  readonly options: readonly Sort[];
  /** Loads the command's code when it runs, so that `--help` is fast. */
  readonly load: () => Promise<Work>;
  /** True if the command connects to the target that is named, whatever the configuration says. */
  readonly connectsAhead?: boolean;
  /** True for the command that runs if none is named. */
  readonly isDefault?: boolean;
  /** True if a backup on this machine may be named in the place of a host. */
  readonly takesBackup?: boolean;
  /** The words that follow the target. */
  readonly words?: WordsOf;
  /** True if a command to run follows two dashes. */
  readonly takesCommand?: boolean;
  /** True if the command prints text to standard output, so that nothing else may appear there. */
  readonly printsText?: boolean | ((words: readonly string[]) => boolean);
}

const databaseWords: WordsOf = {
  first: ['console', 'export', 'import', 'tunnel', 'pull', 'push'],
  usage: 'console | export [FILE] | import FILE | tunnel | pull | push',
  about: `
What db does with the database of a site:
  console        open the database's own client on the host
  export [FILE]  write a dump, as of one moment (default: DOMAIN-DATE.sql.gz; - is standard output)
  import FILE    replace it by a dump (.sql, .gz, .zst, .bz2, .xz; - is standard input)
  tunnel         connect a port of this machine to it, for a desktop client, until Ctrl-C
  pull           replace it by that of another environment (--from NAME), with masks
  push           replace that of another environment (--to NAME) by it
`,
};

/** The commands that work on a host or for one, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'apply',
    about: 'plan, ask, apply, verify: the main job, and the default command',
    group: 'Commands',
    options: ['site', 'connection', 'agree', 'apply'],
    load: async () => (await import('./apply.ts')).applyCommand,
    connectsAhead: true,
    isDefault: true,
  },
  {
    name: 'plan',
    about: 'show what would change and why; changes nothing',
    group: 'Commands',
    options: ['site', 'connection', 'plan'],
    load: async () => (await import('./plan.ts')).planCommand,
    connectsAhead: true,
  },
  {
    name: 'verify',
    about: 'check the request path, hop by hop; changes nothing',
    group: 'Commands',
    options: ['site', 'connection'],
    load: async () => (await import('./verify.ts')).verifyCommand,
    connectsAhead: true,
  },
  {
    name: 'deploy',
    about: 'deploy a new release of the application only',
    group: 'Commands',
    options: ['deploy', 'site', 'connection'],
    load: async () => (await import('./deploy.ts')).deployCommand,
    connectsAhead: true,
  },
  {
    name: 'rollback',
    about: 'go back to the previous (or the named) release, with its PHP and settings',
    group: 'Commands',
    options: ['rollback', 'agree', 'site', 'connection'],
    load: async () => (await import('./rollback.ts')).rollbackCommand,
    connectsAhead: true,
  },
  {
    name: 'releases',
    about: 'list the releases on the host; changes nothing',
    group: 'Commands',
    options: ['site', 'connection'],
    load: async () => (await import('./releases.ts')).releasesCommand,
    connectsAhead: true,
  },
  {
    name: 'run',
    about: "run a command in the live release, as the site's user and with its environment; exits with its exit code",
    group: 'Commands',
    options: ['site', 'connection'],
    takesCommand: true,
    load: async () => (await import('./run.ts')).runCommand,
    connectsAhead: true,
    printsText: true,
  },
  {
    name: 'ssh',
    about: "open a shell in the live release, as the site's user and with its environment",
    group: 'Commands',
    options: ['site', 'connection'],
    load: async () => (await import('./ssh.ts')).sshCommand,
    connectsAhead: true,
    printsText: true,
  },
  {
    name: 'status',
    about: 'show the state of the sites and the host on one screen; changes nothing',
    group: 'Commands',
    options: ['site', 'connection'],
    load: async () => (await import('./status.ts')).statusCommand,
    connectsAhead: true,
  },
  {
    name: 'history',
    about: 'who ran what and when, why each change was made, and how it ended; changes nothing',
    group: 'Commands',
    options: ['site', 'connection'],
    load: async () => (await import('./history.ts')).historyCommand,
    connectsAhead: true,
  },
  {
    name: 'logs',
    about: "show a site's logs of all kinds, merged by time",
    group: 'Commands',
    options: ['logs', 'site', 'connection'],
    words: {
      first: ['nginx', 'php', 'database', 'app', 'worker', 'run'],
      usage: 'nginx|php|database|app|worker NAME|run ID',
      optional: true,
    },
    load: async () => (await import('./logs.ts')).logsCommand,
    connectsAhead: true,
    printsText: true,
  },
  {
    name: 'env',
    about: "list, store or remove the application's variables on the host; their values are never shown",
    group: 'Commands',
    options: ['site', 'connection'],
    words: { first: ['list', 'set', 'unset'], usage: 'list|set NAME[=VALUE]|unset NAME' },
    load: async () => (await import('./env.ts')).envCommand,
    connectsAhead: true,
  },
  {
    name: 'maintenance',
    about: 'answer visitors with 503 and a page, until it is switched off',
    group: 'Commands',
    options: ['maintenance', 'site', 'connection'],
    words: { first: ['on', 'off'], usage: 'on|off' },
    load: async () => (await import('./maintenance.ts')).maintenanceCommand,
    connectsAhead: true,
  },
  {
    name: 'backup',
    about: 'make, list, restore, prove (drill) or schedule backups of databases and shared files',
    group: 'Commands',
    options: ['backup', 'agree', 'site', 'connection'],
    words: { first: ['now', 'list', 'restore', 'drill', 'schedule'], usage: 'now|list|restore [ID]|drill [ID]|schedule' },
    load: async () => (await import('./backup.ts')).backupCommand,
    connectsAhead: true,
  },
  {
    name: 'db',
    about: "export, import or copy a site's database, or open a client or a tunnel to it",
    group: 'Commands',
    options: ['database', 'agree', 'site', 'connection'],
    words: databaseWords,
    load: async () => (await import('./db.ts')).databaseCommand,
    connectsAhead: true,
    printsText: (words) => words.includes('console') || words.at(-1) === '-',
  },
  {
    name: 'destroy',
    about: 'remove everything that was made for this configuration, and only that',
    group: 'Commands',
    options: ['site', 'connection', 'agree', 'apply'],
    load: async () => (await import('./destroy.ts')).destroyCommand,
  },
  {
    name: 'export',
    about: 'write the plan as one script, to run without this program',
    group: 'Commands',
    options: ['site', 'connection', 'export'],
    load: async () => (await import('./export.ts')).exportCommand,
    printsText: true,
  },
  {
    name: 'init',
    about: 'ask a few questions and write foobar.config.ts',
    group: 'This machine',
    options: ['site', 'connection'],
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'import',
    about: 'move a site from an old server, or from a backup, to a new one; changes nothing on the old one',
    group: 'This machine',
    options: ['import', 'agree', 'connection'],
    takesBackup: true,
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'doctor',
    about: 'check what is missing on this machine or on the host',
    group: 'This machine',
    options: ['site', 'connection'],
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
];
