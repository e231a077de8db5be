import { writeFile } from 'node:fs/promises';
import { Problem } from '../error.ts';
import { connectAndSurvey } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { exportPlan } from '../operations/export.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, resolvedOf } from './invocation.ts';

/** Runs `export`. The script is written to --out or to standard output. */
export async function exportCommand(invocation: Invocation): Promise<Result> {
  const { json, out, format, accessProven, allowDestroy, plan, site } = invocation.options;
  if (json && !out)
    throw new Problem({ message: '--json already writes to standard output.', hint: 'Name a file for the script with --out.' });
  const context = contextOf(invocation);
  const opened = await connectAndSurvey(await resolvedOf(invocation), connectOf(invocation), context);
  return inSession(opened, async (fleet) => {
    const { text, result } = await exportPlan({ format, accessProven, allowDestroy, saved: plan, site }, fleet, context);
    if (out) await writeFile(out, text, { mode: 0o600 });
    else process.stdout.write(text);
    return result;
  });
}
