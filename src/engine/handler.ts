import { z } from 'zod/mini';
import type { Command } from '../command/command.ts';

/** A configuration's own checker, run against what the run is about to put in place, before it is. */
export interface Checker {
  /** As a person would type it, for messages: `nginx -t`. */
  readonly name: string;
  /** The folders that the checker reads: it sees copies of them that hold the staged files. */
  readonly roots: readonly string[];
  readonly command: Command;
  /** The service for which it checks (`nginx.service`): the staged files are checked with the service's rights, and its view of the system. */
  readonly unit?: string | undefined;
}

/** What a change sets off, once however many changes ask for it. */
export interface Handler {
  /** A restart makes a reload of the same unit needless. */
  readonly verb: 'reload' | 'restart';
  /** The unit that is reloaded or restarted; starting it in the same run settles the handler. */
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

/** Returns what the host records of a handler. */
export function recordOf(handler: Handler): HandlerRecord {
  const { summary, unit, command, checker } = handler;
  return { id: handlerId(handler), summary, unit, command, ...(checker && { checker }) };
}

/** Returns the handler that a record is of. Earlier versions let a handler have any id; one with an unknown verb is a reload, which settles nothing else. */
export function parseHandler({ id, summary, unit, command, checker }: HandlerRecord): Handler {
  return { verb: id.startsWith('restart:') ? 'restart' : 'reload', unit, summary, command, ...(checker && { checker }) };
}
