import type { Command, Option } from 'commander';
import { programOf } from '../../src/cli/main.ts';
import { sentence, table } from './markdown.ts';

/** Returns every command with its own options, then the options that most commands share, as in the help. */
export function commandTables(): string {
  const program = programOf();
  const help = program.createHelp();
  const each = withSubcommands(help.visibleCommands(program), '');
  const all = each.flatMap(({ command }) => help.visibleOptions(command));
  const isShared = (option: Option) =>
    all.filter(({ flags, description }) => flags === option.flags && description === option.description).length > 4;
  const shared = new Map(all.filter(isShared).map((option) => [option.flags, option]));
  return [
    ...each.map(({ name, command }) =>
      section(
        name,
        command,
        help.visibleOptions(command).filter((option) => !isShared(option)),
      ),
    ),
    '## Shared options\n\nThese hold for every command that works with a host.',
    optionTable([...shared.values()]),
  ].join('\n\n');
}

interface Named {
  readonly name: string;
  readonly command: Command;
}

function withSubcommands(commands: readonly Command[], above: string): readonly Named[] {
  return commands.flatMap((command) => {
    const name = `${above}${command.name()}`;
    const below = command.createHelp().visibleCommands(command);
    return below.length > 0 ? withSubcommands(below, `${name} `) : [{ name, command }];
  });
}

function section(name: string, command: Command, own: readonly Option[]): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required ? ` ${argument.name().toUpperCase()}` : ` [${argument.name().toUpperCase()}]`,
  );
  // A command with a usage of its own takes more words than its arguments say.
  const usage = command.usage().includes('TARGET') ? ` ${command.usage().replace(' [options]', '')}` : words.join('');
  return [
    `## ${name}`,
    `\`foobar-provision ${name}${usage}\``,
    sentence(command.description()),
    ...(own.length > 0 ? [optionTable(own)] : []),
  ].join('\n\n');
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['Option', 'Meaning'],
    options.map((option) => [`\`${option.flags}\``, `${sentence(option.description)}${choicesOf(option)}${defaultOf(option)}`]),
  );
}

function choicesOf({ argChoices }: Option): string {
  return argChoices ? ` One of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}.` : '';
}

function defaultOf({ defaultValue }: Option): string {
  return typeof defaultValue === 'string' ? ` Default: \`${defaultValue}\`.` : '';
}
