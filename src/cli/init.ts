import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { configInFolder } from '../config-file/load.ts';
import { exitCode, messageOf, Problem } from '../error.ts';
import type { Result } from '../operations/event.ts';
import { closeConnection } from '../operations/session.ts';
import { confirm } from './ask.ts';
import type { Invocation } from './invocation.ts';
import { interactive } from './options.ts';
import type { Reporter } from './output/reporter.ts';
import type { Answers } from './wizard/answers.ts';
import { configFile } from './wizard/config-file.ts';
import { wizard } from './wizard/wizard.ts';

export const usualFile = 'foobar.config.ts';
const nothing: Result = { ok: true, changed: 0, checked: 0, exitCode: exitCode.done, hosts: [] };

/** Runs `init`: asks the wizard's questions and writes the configuration. An existing file is overwritten only if the user agrees. */
export async function initCommand(invocation: Invocation): Promise<Result> {
  const { options, reporter } = invocation;
  if (options.site !== undefined)
    throw new Problem({
      message: '`init` writes a new configuration, so it has no site to choose with --site.',
      hint: 'Name the domain of the new site with --domain.',
    });
  if (options.env !== undefined)
    throw new Problem({
      message: '`init` writes the configuration itself, and no overlay of an environment.',
      hint: `Write what differs into foobar.config.${options.env}.ts: export default defineOverlay({ … });`,
    });
  if (!interactive(options))
    throw new Problem({
      message: 'There is no terminal to ask on.',
      hint: 'Run it in a terminal, or without a configuration file: foobar-provision root@host --domain example.com --app ./site --yes',
    });
  const file = options.config ?? usualFile;
  const existing = existsSync(file) ? file : options.config ? undefined : configInFolder();
  if (existing && !(await confirm(overwriting(existing, file), false, reporter))) {
    reporter.emit({ event: 'note', text: 'Nothing was written.' });
    return nothing;
  }
  const { answers, visit } = await wizard({ ...invocation, file, withoutHost: true });
  if (visit) await closeConnection(visit.transport, visit);
  await save(answers, file, reporter);
  reporter.emit({ event: 'note', text: 'Next: foobar-provision plan shows what would change; foobar-provision applies it.' });
  return nothing;
}

function overwriting(existing: string, file: string): string {
  return existing === file
    ? `${file} already exists. Overwrite it?`
    : `${existing} already exists, and ${file} would take precedence. Write it?`;
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
