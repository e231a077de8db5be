import { type Command, lines, sh } from '../command/command.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import type { ShellLibrary } from '../engine/shell-library.ts';

interface CommandAttributes {
  readonly run: Command;
  /** The guard. It exits 0 if there is nothing to do, and must not change anything. */
  readonly unless: Command;
  readonly undo?: Command;
  /** True if the command may close SSH access, so that a new login has to prove that it did not. */
  readonly access?: boolean;
}

interface CommandOptions extends CommandAttributes {
  readonly notify?: readonly Handler[];
  /** The shell functions that `run` and `undo` call. */
  readonly shell?: readonly ShellLibrary[];
}

/** Describes a command, with a guard that tells whether it still has to run. Use it only if no other kind fits. */
export function command(name: string, { notify, shell, ...attributes }: CommandOptions): Resource {
  return commandKind.resource(name, attributes, { notify, ...(shell && { shell }) });
}

export const commandKind = defineKind<CommandAttributes, true>({
  name: 'command',
  phase: 'state',
  read: (resources) =>
    lines(...resources.map(({ id, attributes }) => lines(sh`( ${attributes.unless}`, sh`) >/dev/null 2>&1 && printf 'done\t%s\n' ${id}`))),
  parse: (output) =>
    new Map(output.split('\n').flatMap((line): [string, true][] => (line.startsWith('done\t') ? [[line.slice(5), true]] : []))),
  diff: (_, desired, current) =>
    current
      ? []
      : [
          {
            action: 'run',
            summary: 'run',
            step: { kind: 'plain', apply: desired.run },
            ...(desired.undo && { undo: desired.undo }),
            effects: desired.access ? [{ kind: 'may-lock-out' }] : [],
          },
        ],
});
