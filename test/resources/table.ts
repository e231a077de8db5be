import { expect } from 'vitest';
import type { Command } from '../../src/command/command.ts';
import type { Difference, Kind, Resource } from '../../src/engine/resource.ts';
import { trixie } from '../playbooks/hosts.ts';
import { callsOf, together } from '../shell/calls.ts';
import { unknownWords } from '../shell/libraries.ts';

/** A difference as a table has it: its commands as text. */
export type Shown = { readonly [Key in keyof Difference]: Difference[Key] extends Command | undefined ? string : Difference[Key] };

/** What must change, given what the reader printed. Its commands call nothing but programs, and what the kind says that they call. */
export function changes(kind: Kind, resource: Resource, output: string): readonly Shown[] {
  const differences = kind.compare([resource], output, trixie).get(resource.id) ?? [];
  // What a `command` runs is its user's.
  if (kind.name !== 'command') {
    const commands = differences.flatMap(({ stage, apply, undo, adopts }) => [stage, apply, undo, adopts?.keep, adopts?.forget]);
    expect(unknownWords(together(commands.map((each) => callsOf(each?.text ?? ''))), kind.shell.run, 'run')).toEqual([]);
  }
  return differences.map(({ stage, apply, undo, ...rest }) => ({
    ...rest,
    apply: apply.text,
    ...(stage && { stage: stage.text }),
    ...(undo && { undo: undo.text }),
  }));
}

/** The one command that reads all of these. */
export function reading(kind: Kind, ...resources: readonly Resource[]): string {
  const { text } = kind.read(resources, trixie);
  if (kind.name !== 'command') expect(unknownWords(callsOf(text), kind.shell.read, 'read')).toEqual([]);
  return text;
}

/** The resource that wants this one gone. */
export function gone(kind: Kind, id: string, remembered?: unknown): Resource {
  if (!kind.absent) throw new TypeError(`a ${kind.name} is never removed`);
  return kind.absent(id, remembered);
}
