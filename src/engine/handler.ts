import { z } from 'zod/mini';
import type { Command } from '../command/command.ts';

/** A service's own check of its configuration. It runs against the new files before they are put in place. */
export interface Checker {
  /** The command as a person would type it: `nginx -t`. */
  readonly name: string;
  /** The folders that the checker reads. It runs on copies of them that contain the staged files. */
  readonly roots: readonly string[];
  readonly command: Command;
  /**
   * The service whose configuration it checks (`nginx.service`). The check runs with the service's privileges and its view of the file
   * system.
   */
  readonly unit?: string | undefined;
}

/** A reload or restart that changes ask for. It runs once, however many changes notify it. */
export interface Handler {
  /** A restart replaces a reload of the same unit. */
  readonly verb: 'reload' | 'restart';
  /** The unit to reload or restart. If the same run starts the unit, the handler does not run. */
  readonly unit: string;
  readonly summary: string;
  readonly command: Command;
  readonly checker?: Checker;
}

/** Returns `reload:nginx.service`: the handler's name in messages, and its key in the host's records. Unique on a host. */
export function handlerId({ verb, unit }: Pick<Handler, 'verb' | 'unit'>): string {
  return `${verb}:${unit}`;
}

/** A handler in the host's records. */
export interface HandlerRecord {
  readonly id: string;
  readonly summary: string;
  readonly unit: string;
  readonly command: Command;
  readonly checker?: Checker | undefined;
}

const command = z.object({ kind: z.literal('command'), text: z.string() });

export const handlerRecord: z.ZodMiniType<HandlerRecord> = z.object({
  id: z.string(),
  summary: z.string(),
  unit: z.string(),
  command,
  checker: z.optional(z.object({ name: z.string(), roots: z.array(z.string()), command, unit: z.optional(z.string()) })),
});

/** Returns the record of a handler that hosts keep. */
export function recordOf(handler: Handler): HandlerRecord {
  const { summary, unit, command, checker } = handler;
  return { id: handlerId(handler), summary, unit, command, ...(checker && { checker }) };
}

/** Returns the handler of a record. Earlier versions allowed any id; a handler with an unknown verb becomes a reload. */
export function parseHandler({ id, summary, unit, command, checker }: HandlerRecord): Handler {
  return { verb: id.startsWith('restart:') ? 'restart' : 'reload', unit, summary, command, ...(checker && { checker }) };
}
