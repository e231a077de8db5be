import { z } from 'zod/mini';

/** Requires a rule for each key of the type. Where the rules are used, the compiler checks that they produce the type. */
export type Fields<T> = Readonly<Record<keyof T, unknown>>;

/** Text that is not empty. */
export const text = z.string().check(z.minLength(1));

/** A command line for a shell. */
export const commandLine = text.check(z.regex(/^\P{Cc}*$/u, 'must be on one line'));
