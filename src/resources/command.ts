import { type Command, lines, sh } from '../command/command.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import type { ShellLibrary } from '../engine/shell-library.ts';

interface CommandAttributes {
  readonly run: Command;
  /** Exits 0 where there is nothing to do; it must change nothing. */
  readonly unless: Command;
  readonly undo?: Command;
  /** It may cut off the way in, so a new connection has to prove that it did not. */
  readonly access?: boolean;
}

interface CommandOptions extends CommandAttributes {
  readonly notify?: readonly Handler[];
  /** The functions that `run` and `undo` call. */
  readonly shell?: readonly ShellLibrary[];
}

/** For what no other kind says: a command, and the guard that tells whether it is still needed. */
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
