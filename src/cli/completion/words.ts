import type { Command, Option } from 'commander';
import { commands } from '../commands.ts';

/** The kind of value that an option takes. */
export type Value = 'none' | 'text' | 'file' | 'folder' | 'server' | readonly string[];

export interface OptionWords {
  /** `-c` and `--config`. */
  readonly flags: readonly string[];
  readonly about: string;
  readonly value: Value;
}

/** A command with its options and its argument. */
export interface CommandWords {
  /** `[]` is the program itself, `['sandbox', 'up']` a command's own command. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly OptionWords[];
  /** The kind of its argument, if it takes one. */
  readonly argument?: 'host' | 'sandbox' | readonly string[];
}

const files = ['--config', '--identity', '--known-hosts', '--out', '--plan'];
const folders = ['--app', '--source'];

/** Returns all commands with their options and arguments, according to the help. */
export function wordsOf(program: Command): readonly CommandWords[] {
  return visit(program, []);
}

function visit(command: Command, path: readonly string[]): readonly CommandWords[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const argument = argumentOf(command, path);
  const options = help.visibleOptions(command).map(optionOf);
  const words = wordsAfter(path);
  return [
    {
      path,
      commands: [...below.map((each) => ({ name: each.name(), about: plain(each.description()) })), ...words],
      options,
      ...(argument && { argument }),
    },
    ...below.flatMap((each) => visit(each, [...path, each.name()])),
    ...words.map(({ name }) => ({ path: [...path, name], commands: [], options })),
  ];
}

/** Returns the words that follow a command's target. */
function wordsAfter([name, ...below]: readonly string[]): CommandWords['commands'] {
  const words = below.length === 0 ? commands.find((each) => each.name === name)?.words?.first : undefined;
  return (words ?? []).map((word) => ({ name: word, about: `${name} ${word}` }));
}

function optionOf(option: Option): OptionWords {
  const takes = option.required || option.optional;
  const long = option.long ?? '';
  const value = !takes ? 'none' : (option.argChoices ?? valueAfter(long));
  return { flags: [option.short, option.long].flatMap((flag) => flag ?? []), about: plain(option.description), value };
}

function valueAfter(long: string): Value {
  if (long === '--host') return 'server';
  if (files.includes(long)) return 'file';
  return folders.includes(long) ? 'folder' : 'text';
}

function argumentOf(command: Command, path: readonly string[]): CommandWords['argument'] {
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return argument.argChoices;
  if (path[0] === 'sandbox') return path[1] === 'ssh' || path[1] === 'down' ? 'sandbox' : undefined;
  // If no command is named, the first word may be a host.
  return path.length === 0 || argument?.name() === 'TARGET' ? 'host' : undefined;
}

/** Removes quotes, backslashes and dollar signs from help texts, because shells escape them differently. */
function plain(text: string): string {
  return text.replaceAll(/['"`\\$]/g, '');
}
