import { z } from 'zod/mini';

/** Each key of the type has its rule; that the rules give the type, the compiler sees where they are used. */
export type Fields<T> = Readonly<Record<keyof T, unknown>>;

/** Text that is not empty. */
export const text = z.string().check(z.minLength(1));
