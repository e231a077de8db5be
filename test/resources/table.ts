import type { Command } from '../../src/command/command.ts';
import type { Difference, Kind, Resource } from '../../src/engine/resource.ts';
import { trixie } from '../playbooks/hosts.ts';

/** A difference as a table has it: its commands as text. */
export type Shown = { readonly [Key in keyof Difference]: Difference[Key] extends Command | undefined ? string : Difference[Key] };

/** What must change, given what the reader printed. */
export function changes(kind: Kind, resource: Resource, output: string): readonly Shown[] {
  return (kind.compare([resource], output, trixie).get(resource.id) ?? []).map(({ stage, apply, undo, ...rest }) => ({
    ...rest,
    apply: apply.text,
    ...(stage && { stage: stage.text }),
    ...(undo && { undo: undo.text }),
  }));
}

/** The one command that reads all of these. */
export function reading(kind: Kind, ...resources: readonly Resource[]): string {
  return kind.read(resources, trixie).text;
}

/** The resource that wants this one gone. */
export function gone(kind: Kind, id: string, remembered?: unknown): Resource {
  if (!kind.absent) throw new TypeError(`a ${kind.name} is never removed`);
  return kind.absent(id, remembered);
}
