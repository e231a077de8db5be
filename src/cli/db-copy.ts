import { configInFolder } from '../config-file/load.ts';
import { environmentsBeside } from '../config-file/overlay.ts';
import { Problem } from '../error.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import { copySiteDatabase, type Environment } from '../operations/copy-site-database.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { interactive } from './options.ts';

/** The name of the configuration without an overlay. */
const production = 'production';

/** Runs `db pull` or `db push`, which copy a site's database from one environment to another. */
export async function copyCommand(invocation: Invocation, word: 'pull' | 'push'): Promise<Result> {
  const { options, target, words } = invocation;
  if (target !== undefined || words.length > 1)
    throw new Problem({
      message: `db ${word} takes its servers from the environments, so ${target ?? words[1]} cannot be given.`,
      hint: 'Name environments: foobar-provision db pull --env staging --from production',
    });
  const other = word === 'pull' ? options.from : options.to;
  if (other === undefined)
    throw new Problem({
      message: `db ${word} needs the environment to copy ${word === 'pull' ? 'from' : 'to'}.`,
      hint: `Name it with ${word === 'pull' ? '--from' : '--to'}: ${[production, ...environmentsBeside(options.config ?? configInFolder())].join(', ')}.`,
    });
  const own = options.env ?? production;
  const [from, to] = word === 'pull' ? [other, own] : [own, other];
  return inEnvironment(invocation, from, (source) =>
    inEnvironment(invocation, to, (replaced) =>
      copySiteDatabase(
        { from: source, to: replaced, site: options.site, approved: options.yes, hasTyped: (domain) => hasTyped(domain, invocation) },
        contextOf(invocation),
      ),
    ),
  );
}

/** Connects to an environment and calls `work`. `production` is the configuration itself, unless there is an overlay of that name. */
async function inEnvironment(invocation: Invocation, name: string, work: (environment: Environment) => Promise<Result>): Promise<Result> {
  const { env: _, site: __, ...options } = invocation.options;
  const file = options.config ?? configInFolder();
  const hasOverlay = name !== production || environmentsBeside(file).includes(name);
  const own: Invocation = { ...invocation, options: hasOverlay ? { ...options, env: name } : options };
  const opened = await connectWhileResolving(await inputOf(own, { sendsNothing: true }), connectOf(own), contextOf(own));
  return inSession(opened, (fleet) => work({ name, fleet }));
}

async function hasTyped(domain: string, { options, reporter, signal }: Invocation): Promise<boolean> {
  if (options.confirm !== undefined) return options.confirm === domain;
  if (!interactive(options)) return false;
  const { prompt } = await import('./ask.ts');
  const message = `This replaces the database of production. Type ${domain} to continue:`;
  return (await prompt({ type: 'input', message }, reporter, signal)).trim() === domain;
}
