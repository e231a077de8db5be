import { z } from 'zod/mini';
import { defineRuntime, type Stated } from '../definition.ts';
import { requireFillable } from '../http-program.ts';
import { commandLine, type Fields } from '../rules.ts';
import { sendingRules, usualBuild } from './dependencies.ts';
import { detect } from './detect.ts';

export interface UserNode {
  /**
   * The command that starts the application, such as `node server.js`; `node_modules/.bin` is in its `PATH`. By default what `npm start`
   * runs, or the server that a framework has built.
   */
  readonly start?: string | undefined;
  /**
   * The port that the application listens on, also in `PORT`: its requests arrive there, over a socket that no other site reaches. By
   * default 3000.
   */
  readonly port?: number | undefined;
}

/** The Node.js settings of a site. */
export interface Node {
  readonly kind: 'node';
  readonly start: string;
  readonly port: number;
  /** The versions of Node.js that the application accepts, as package.json says: `>=20`. */
  readonly engine?: string;
}

const schema = z.strictObject({
  start: z.optional(commandLine),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
} satisfies Fields<UserNode>);

export const node = defineRuntime<UserNode, Node>({
  detect,
  answersEveryAddress: true,
  schema,
  sends: sendingRules,
  build: usualBuild,
  // One process answers all requests at once. A pool of database connections has ten by default.
  processes: ({ share }) => Math.min(share, 10),
  resolve: resolveNode,
});

async function resolveNode({ start, port }: UserNode = {}, { detected, env }: Stated): Promise<Node> {
  requireFillable(env);
  return {
    kind: 'node',
    start: start ?? detected.program ?? 'node server.js',
    port: port ?? 3000,
    ...(detected.engine && { engine: detected.engine }),
  };
}
