import { z } from 'zod/mini';
import { defineRuntime, type Stated } from '../definition.ts';
import { requireFillable } from '../http-program.ts';
import { type Fields, text } from '../rules.ts';
import { detect } from './detect.ts';

export interface UserPython {
  /** What Gunicorn serves, `module:callable`. By default it is detected, otherwise `app:app`. */
  readonly module?: string | undefined;
  /** Debian packages that the application imports: `python3-flask`. */
  readonly packages?: readonly string[] | undefined;
}

/** The Python settings of a site. */
export interface Python {
  readonly kind: 'python';
  /** What Gunicorn serves: `module:callable`. */
  readonly module: string;
  /** Debian packages that the application imports. */
  readonly packages: readonly string[];
}

const schema = z.strictObject({
  module: z.optional(text.check(z.regex(/^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$/, 'must look like app:app'))),
  packages: z.optional(z.array(text.check(z.regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package')))),
} satisfies Fields<UserPython>);

export const python = defineRuntime<UserPython, Python>({
  detect,
  answersEveryAddress: true,
  schema,
  // Gunicorn's documentation recommends two workers per processor, plus one.
  processes: ({ share, processors }) => Math.min(share, 2 * processors + 1),
  resolve: resolvePython,
});

async function resolvePython({ module, packages }: UserPython = {}, { detected, env }: Stated): Promise<Python> {
  requireFillable(env);
  return { kind: 'python', module: module ?? detected.program ?? 'app:app', packages: packages ?? [] };
}
