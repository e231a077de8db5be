import { type Effect, effectsOf } from './effect.ts';
import { type Handler, handlerId } from './handler.ts';
import type { DesiredResource } from './playbook.ts';

/** A handler that a plan runs. */
export interface PlannedHandler extends Handler {
  /** The playbook after which it runs. */
  readonly playbook: string;
  /** True if it runs only because an interrupted run did not execute it. */
  readonly pending: boolean;
}

/** The part of a change that decides which handlers run. */
interface Notifying {
  readonly playbook: string;
  readonly notify: readonly Handler[];
  readonly effects: readonly Effect[];
}

/** Returns each handler once, with the last playbook that asks for it. Handlers of a unit that the run starts are left out. */
export function handlersOf(
  changes: readonly Notifying[],
  all: readonly DesiredResource[],
  pendingHandlers: readonly string[],
  playbooks: readonly string[],
): readonly PlannedHandler[] {
  const started = new Set(changes.flatMap((change) => effectsOf(change, 'starts').map(({ unit }) => unit)));
  const found = new Map<string, PlannedHandler>();
  const note = (handler: Handler, playbook: string, pending: boolean) => {
    if (started.has(handler.unit)) return;
    const id = handlerId(handler);
    const known = found.get(id);
    const later = known && playbooks.indexOf(known.playbook) > playbooks.indexOf(playbook) ? known.playbook : playbook;
    found.set(id, { ...handler, playbook: later, pending: pending && (known?.pending ?? true) });
  };
  for (const change of changes) for (const handler of change.notify) note(handler, change.playbook, false);
  for (const { playbook, resource } of all) {
    for (const handler of resource.notify) {
      const id = handlerId(handler);
      if (pendingHandlers.includes(id) && !found.has(id)) note(handler, playbook, true);
    }
  }
  const restarts = new Set([...found.values()].filter(({ verb }) => verb === 'restart').map(({ unit }) => unit));
  return [...found.values()].filter(({ verb, unit }) => !(verb === 'reload' && restarts.has(unit)));
}
