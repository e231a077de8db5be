import type { Command } from '../command/command.ts';
import type { Transport } from '../transport/transport.ts';
import { within } from '../within.ts';
import { oneLine } from './reason.ts';

/** The number of log lines that are shown at a failure; more would hide the important one. */
const maxLines = 10;
const timeoutSeconds = 5;

/** Returns the last lines of a check's `log` command on the host, or none if it fails, because the failure of the check matters more. */
export async function readLog(transport: Transport, command: Command, redact: (text: string) => string): Promise<readonly string[]> {
  try {
    const { stdout } = await within(timeoutSeconds, () => transport.script(command, { timeout: timeoutSeconds }));
    return redact(stdout)
      .split('\n')
      .map((line) => oneLine(line, 500))
      .filter((line) => line !== '')
      .slice(-maxLines);
  } catch {
    return [];
  }
}
