import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { UserConfig } from '../config-file/define.ts';
import { configInFolder, load } from '../config-file/load.ts';
import { exitCode, messageOf, Problem } from '../error.ts';
import type { Result } from '../operations/event.ts';
import { closeConnection } from '../operations/session.ts';
import { prompt } from './ask.ts';
import type { Invocation } from './invocation.ts';
import { interactive } from './options.ts';
import type { Reporter } from './output/reporter.ts';
import type { Answers } from './wizard/answers.ts';
import { configFile } from './wizard/config-file.ts';
import { changesTo, currentAnswers } from './wizard/current-answers.ts';
import { isEditable, updateFile } from './wizard/update-file.ts';
import { wizard } from './wizard/wizard.ts';

export const usualFile = 'foobar.config.ts';
const nothing: Result = { ok: true, changed: 0, checked: 0, exitCode: exitCode.done, hosts: [] };

/** Runs `init`: asks the wizard's questions and writes the configuration, or edits the one that is there. */
export async function initCommand(invocation: Invocation): Promise<Result> {
  const { options, reporter } = invocation;
  requireWhole(invocation);
  const file = options.config ?? configInFolder() ?? usualFile;
  const plan = existsSync(file) ? await askWhatToDo(file, invocation) : { kind: 'write' as const };
  if (plan.kind === 'leave') {
    reporter.emit({ event: 'note', text: 'Nothing was written.' });
    return nothing;
  }
  const current = plan.kind === 'edit' ? currentAnswers(plan.config) : undefined;
  const { answers, visit } = await wizard({ ...invocation, file, withoutHost: true, ...(current && { current }) });
  if (visit) await closeConnection(visit.transport, visit);
  if (current) for (const text of await updateFile(file, changesTo(current, answers))) reporter.emit({ event: 'note', text });
  else await save(answers, file, reporter);
  reporter.emit({ event: 'note', text: 'Next: foobar-provision plan shows what would change; foobar-provision applies it.' });
  return nothing;
}

function requireWhole({ options }: Invocation): void {
  if (options.site !== undefined)
    throw new Problem({
      message: '`init` writes a configuration of one site, so it has no site to choose with --site.',
      hint: 'Name the domain of the new site with --domain.',
    });
  if (options.env !== undefined)
    throw new Problem({
      message: '`init` writes the configuration itself, not the overlay of an environment.',
      hint: `Write what differs into foobar.config.${options.env}.ts: export default defineOverlay({ … });`,
    });
  if (!interactive(options))
    throw new Problem({
      message: 'There is no terminal to ask on.',
      hint: 'Run it in a terminal, or without a configuration file: foobar-provision root@host --domain example.com --app ./site --yes',
    });
}

type Plan = { readonly kind: 'write' | 'leave' } | { readonly kind: 'edit'; readonly config: UserConfig };

/** Asks whether to edit the existing file, if that is possible, to replace it, or to leave it. */
async function askWhatToDo(file: string, { reporter, signal }: Invocation): Promise<Plan> {
  const found = await editableIn(file);
  if (typeof found === 'string')
    reporter.emit({ event: 'note', text: `${found} Edit it in your editor; docs/configuration.md has all keys.` });
  const choices = [
    ...(typeof found === 'string'
      ? []
      : [{ name: 'change it: comments, order and all other keys stay', value: 'edit', short: 'change it' }]),
    { name: 'leave it as it is', value: 'leave' },
    { name: 'replace it with a new one', value: 'write', short: 'replace it' },
  ];
  const question = { type: 'select', message: `${file} exists already:`, choices, loop: false } as const;
  const answer = await prompt(question, reporter, signal);
  if (answer === 'edit' && typeof found !== 'string') return { kind: 'edit', config: found };
  return { kind: answer === 'write' ? 'write' : 'leave' };
}

/** Returns the content of a configuration that the wizard can edit, or a sentence that says why it cannot. */
async function editableIn(file: string): Promise<UserConfig | string> {
  const loaded = await load(() => import('../index.ts'), file).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  if (loaded instanceof Problem) return loaded.message;
  const { config } = loaded;
  for (const key of ['sites', 'servers'] as const)
    if (config[key] !== undefined) return `${file} has several ${key}, about which these questions do not ask.`;
  return (await isEditable(file)) ? config : `${file} computes the configuration, so it cannot be edited here.`;
}

export async function save(answers: Answers, file: string, reporter: Reporter): Promise<void> {
  await writeFile(file, await configFile(answers, file)).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${messageOf(cause)}.`,
      hint: 'Run it in a folder that you may write to, or name a file with --config.',
      cause,
    });
  });
  const named = file === usualFile ? '' : ` --config ${file}`;
  reporter.emit({
    event: 'note',
    text: `Your answers are in ${file}, which is yours to edit. The same without questions: foobar-provision${named} --yes`,
  });
}
