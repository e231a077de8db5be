import { expect } from 'vitest';
import { type ChangeStep, preparationOf, turnOf } from '../../src/engine/change-step.ts';
import type { Difference } from '../../src/engine/difference.ts';
import { effectsOf } from '../../src/engine/effect.ts';
import type { Kind, Resource } from '../../src/engine/resource.ts';
import { trixie } from '../playbooks/hosts.ts';
import { callsOf, together } from '../shell/calls.ts';
import { unknownWords } from '../shell/libraries.ts';

/** A difference as in the tables: its commands as text, in the order in which a run executes them. */
export interface Shown extends Omit<Difference, 'step' | 'undo'> {
  /** The kind of its step, unless it is plain or staged. */
  readonly as?: Exclude<ChangeStep['kind'], 'plain' | 'staged'>;
  readonly stage?: string;
  readonly apply: string;
  readonly undo?: string;
}

/** Returns what must change, given what the reader printed. The commands may call only programs and the functions that the kind lists. */
export function changes(kind: Kind, resource: Resource, output: string): readonly Shown[] {
  const differences = kind.compare([resource], output, trixie).get(resource.id) ?? [];
  // A `command` may run anything.
  if (kind.name !== 'command') {
    const commands = differences.flatMap((difference) => {
      const { step, undo } = difference;
      return [preparationOf(step), turnOf(step), undo, ...effectsOf(difference, 'adopts').flatMap(({ keep, forget }) => [keep, forget])];
    });
    expect(unknownWords(together(commands.map((each) => callsOf(each?.text ?? ''))), kind.shell.run, 'run')).toEqual([]);
  }
  return differences.map(shown);
}

function shown({ step, undo, effects = [], ...rest }: Difference): Shown {
  const stage = preparationOf(step);
  return {
    ...rest,
    ...(step.kind !== 'plain' && step.kind !== 'staged' && { as: step.kind }),
    apply: turnOf(step).text,
    ...(stage && { stage: stage.text }),
    ...(undo && { undo: undo.text }),
    ...(effects.length > 0 && { effects }),
  };
}

/** Returns the command that reads all of these resources. */
export function reading(kind: Kind, ...resources: readonly Resource[]): string {
  const { text } = kind.read(resources, trixie);
  if (kind.name !== 'command') expect(unknownWords(callsOf(text), kind.shell.read, 'read')).toEqual([]);
  return text;
}

/** Returns the resource that removes this one. */
export function gone(kind: Kind, id: string, remembered?: unknown): Resource {
  if (!kind.absent) throw new TypeError(`a ${kind.name} is never removed`);
  return kind.absent(id, remembered);
}
