import { configInFolder } from '../config/load.ts';
import { forgetLists, surveyScript } from '../engine/survey.ts';
import { surveySeconds } from '../transport/transport.ts';
import { configured, decided, leave, look, type Reached, reach } from './host.ts';
import { interactive, type Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** What is wanted and the host that it is wanted of: from the configuration and the options, or, where there is neither file nor haste, from the wizard. */
export async function begin(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  if (asksFirst(options)) return interviewed(target, options, reporter, signal);
  const { config, playbooks } = await configured(target, options, reporter);
  return reach(config, playbooks, options, reporter, signal);
}

/** Where a person is at a terminal and nothing is configured yet, the main job begins with questions. */
function asksFirst(options: Options): boolean {
  const { config, plan, yes } = options;
  return interactive(options) && !yes && config === undefined && plan === undefined && configInFolder() === undefined;
}

async function interviewed(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  const [{ wizard }, { save, usualFile }] = await Promise.all([import('./wizard/wizard.ts'), import('./init.ts')]);
  const { answers, visit } = await wizard({ target, options, reporter, signal, file: usualFile, withoutHost: false });
  if (!visit) throw new TypeError('without its host, the wizard goes on for nobody but init');
  const { transport, seen } = visit;
  try {
    await save(answers, usualFile, reporter);
    // What was written is what is applied, now as the next time.
    const { config, playbooks } = await configured(undefined, options, reporter);
    const script = surveyScript(config, playbooks);
    if (seen?.script === script)
      return await decided({ config, given: config, playbooks, transport, survey: seen.survey, waiting: [] }, config, reporter);
    await forgetLists(transport, visit);
    return await look({ config, playbooks, transport }, await transport.script(script, { timeout: surveySeconds }), reporter);
  } catch (error) {
    await leave(transport, visit);
    throw error;
  }
}
