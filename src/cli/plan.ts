import type { Result } from '../engine/event.ts';
import { forgetLists, planFor } from '../engine/host.ts';
import { exitCode } from '../error.ts';
import { kinds } from '../resources/index.ts';
import { version } from '../version.ts';
import { configured, reach } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './reporter.ts';

/** What would change and why. It leaves no trace on the host. */
export async function plan(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const { config, playbooks } = await configured(target, options, reporter);
  const { transport, survey } = await reach(config, playbooks, options, reporter, signal);
  try {
    const found = await planFor(transport, config, survey, { version, playbooks, kinds, allowDestroy: options.allowDestroy === true });
    await forgetLists(transport, survey);
    reporter.emit({ event: 'plan', host: transport.host, plan: found });
    const changed = found.changes.length + found.handlers.length;
    return { ok: true, changed, checked: found.checked, exitCode: changed > 0 ? exitCode.changes : exitCode.done };
  } finally {
    await transport.close();
  }
}
