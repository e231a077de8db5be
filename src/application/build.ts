import { Problem } from '../error.ts';

/** Runs the application's build commands in its folder on this machine, one after another, and passes on their output line by line. */
export async function build(folder: string, commands: readonly string[], onLine: (line: string) => void): Promise<void> {
  const { $ } = await import('zx/core');
  for (const command of commands) {
    onLine(`build: ${command}`);
    const running = $({ cwd: folder, nothrow: true, quiet: true, verbose: false })`sh -c ${command}`;
    for await (const line of running) onLine(`  ${line}`);
    const { exitCode, stderr } = await running;
    if (exitCode !== 0) {
      throw new Problem({
        message: `The build step "${command}" failed.`,
        command,
        commandExit: exitCode ?? 1,
        stderr: stderr.trimEnd().split('\n').slice(-10).join('\n'),
        hint: 'Correct it and run again.',
      });
    }
  }
}
