import type { Command } from '../command/command.ts';
import type { Transport } from '../transport/transport.ts';
import { within } from '../within.ts';
import { oneLine } from './reason.ts';

/** Lines that a person reads at a failure; more of them hide the one that matters. */
const lineLimit = 10;
const seconds = 5;

/** The last lines of what a check's `log` prints on the host. A log that cannot be read is left out: the failure itself is the news. */
export async function readLog(transport: Transport, command: Command, redact: (text: string) => string): Promise<readonly string[]> {
  try {
    const { stdout } = await within(seconds, () => transport.script(command, { timeout: seconds }));
    return redact(stdout)
      .split('\n')
      .map((line) => oneLine(line, 500))
      .filter((line) => line !== '')
      .slice(-lineLimit);
  } catch {
    return [];
  }
}
