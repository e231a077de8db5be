import { Argument, Command, CommanderError, Help } from 'commander';
import { Problem } from '../error.ts';
import { version } from '../version.ts';
import { type CommandEntry, commands } from './commands.ts';
import type { Shell } from './completion.ts';
import { takeSecrets } from './environment.ts';
import { withOptions } from './flags.ts';
import { interactive, type Options } from './options.ts';
import { addSandbox } from './sandbox-commands.ts';
import { wordsAfterTarget } from './words.ts';

const examples = `
Examples:
  foobar-provision root@203.0.113.5            a bare host becomes a verified site
  foobar-provision plan                        what would change on the configured host
  foobar-provision verify root@203.0.113.5     is every part healthy?
  foobar-provision sandbox up                  a throwaway host to try it on

A TARGET is [user@]host[:port], an IPv6 address in brackets, or a Host of your
ssh_config. It may be left out where the configuration names the server.
`;

/** Returns the program with all its commands, without running one. `after` are the words after two dashes. */
export function programOf(after: readonly string[] = []): Command {
  const program = new Command('foobar-provision')
    .usage('[TARGET] [options]\n       foobar-provision COMMAND [TARGET] [options]')
    .description('From a bare Linux host to a verified PHP site, over SSH.')
    .exitOverride()
    // All failures are shown by `main`.
    .configureOutput({ outputError: () => {} })
    .enablePositionalOptions()
    .helpCommand(false)
    .optionsGroup('Output:')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples);
  for (const entry of commands) add(program, entry, after);
  addSandbox(program);
  addCompletion(program);
  program.configureHelp(helpOf(program));
  return program;
}

/** Returns the program's own help. The commands come first, followed by the options of `apply`, which is the default command. */
function helpOf(program: Command): Partial<Help> {
  const usual = new Help();
  return {
    subcommandTerm: (command) =>
      `${command.name()} ${command.registeredArguments.map((argument) => `[${argument.name()}]`).join(' ')}`.trim(),
    visibleOptions: (command) => {
      const options = usual.visibleOptions(command);
      const main = command === program ? program.commands.filter((each) => each.name() === 'apply') : [];
      return [...main.flatMap((each) => usual.visibleOptions(each).filter(({ long }) => long !== '--help')), ...options];
    },
    formatHelp(command, helper) {
      const parts = usual.formatHelp.call(this, command, helper).split('\n\n');
      const [usage = '', about = '', ...sections] = parts;
      const rank = (section: string) => (/^(Commands|This machine):/.test(section) ? 0 : /^Output:/.test(section) ? 2 : 1);
      return [usage, about, ...sections.toSorted((one, other) => rank(one) - rank(other))]
        .map((section) => section.trimEnd())
        .join('\n\n')
        .concat('\n');
    },
  };
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'shell').choices(['bash', 'zsh', 'fish']))
    .description('a script that completes commands, options and hosts: bash, zsh, fish')
    .helpGroup('This machine:')
    .optionsGroup('Output:')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      '\nFor bash and zsh, put this line into ~/.bashrc or ~/.zshrc:\n  eval "$(foobar-provision completion bash)"\nFor fish:\n  foobar-provision completion fish >~/.config/fish/completions/foobar-provision.fish',
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('./completion.ts');
      process.stdout.write(completion(program, shell));
    });
}

function add(program: Command, entry: CommandEntry, after: readonly string[]): void {
  const { name, about, group, options: shown, load, connectsAhead, isDefault, takesBackup, takesCommand, printsText } = entry;
  const command = program
    .command(name, { isDefault: isDefault === true })
    .argument('[TARGET]')
    .usage(usageOf(entry))
    .description(about)
    .helpGroup(`${group}:`)
    .optionsGroup('Output:')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(isDefault === true || entry.words !== undefined);
  if (entry.words?.about) command.addHelpText('after', entry.words.about);
  withOptions(command, shown).action(async (_target: string | undefined, options: Options & { color: boolean }) => {
    if (!options.color) withoutColor();
    const { report } = await import('./output/report.ts');
    const { targetOf } = await import('./target.ts');
    const isText = typeof printsText === 'function' ? printsText(command.args) : printsText;
    const heard = isText && !options.out ? { ...options, quiet: true } : options;
    await report(heard, async (reporter, signal) => {
      const visible = () => program.createHelp().visibleCommands(program);
      const typed = takesCommand ? command.args : [...command.args, ...after];
      const { target: named, words } = entry.words ? wordsAfterTarget(typed, name, entry.words) : { target: typed, words: [] };
      const target = await targetOf(named, { commands: isDefault ? visible().map((each) => each.name()) : [], takesBackup });
      // The host answers while the command's code is loaded. A person may be asked something else first.
      const ahead =
        connectsAhead && target !== undefined && !interactive(options)
          ? await (await import('./connect.ts')).connectAhead(target, { options, words, command: after, name, reporter, signal })
          : undefined;
      try {
        const run = await load();
        return await run({ target, options, words, command: after, name, reporter, signal, ahead });
      } finally {
        await ahead?.end();
      }
    });
  });
}

/** Returns what follows a command's name. */
function usageOf({ takesBackup, takesCommand, words }: CommandEntry): string {
  const target = takesBackup ? '[TARGET | BACKUP]' : '[TARGET]';
  const after = words && (words.optional ? `[${words.usage}]` : words.usage);
  return [target, after, '[options]', takesCommand && '-- COMMAND...'].filter(Boolean).join(' ');
}

/** Turns colors off. NO_COLOR alone is not enough, because FORCE_COLOR takes precedence. */
function withoutColor(): void {
  delete process.env.FORCE_COLOR;
  process.env.NO_COLOR = '1';
}

export async function main(argv: readonly string[]): Promise<void> {
  takeSecrets();
  try {
    const dashes = argv.indexOf('--');
    const [own, after] = dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes + 1)];
    await programOf(after).parseAsync([...own]);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const problem = error instanceof CommanderError ? misused(error) : error;
    if (!(problem instanceof Problem)) throw problem;
    // The command line could not be parsed, so its words tell whether JSON is expected.
    const { refuse } = await import('./output/report.ts');
    await refuse({ json: argv.includes('--json') }, problem);
  }
}

/** Returns the Problem of an invalid command line, with where to find the correct form. */
function misused({ message }: CommanderError): Problem {
  const [what = '', ...hints] = message.replace(/^error: /, '').split('\n');
  return new Problem({
    message: `${what.charAt(0).toUpperCase()}${what.slice(1)}${/[.?]$/.test(what) ? '' : '.'}`,
    hint: [...hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1')), 'See foobar-provision --help.'].join(' '),
  });
}
