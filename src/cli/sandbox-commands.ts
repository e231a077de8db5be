import type { Command } from 'commander';

/** `sandbox up|list|ssh|down`, and what the sandbox itself and the curious use. */
export function addSandbox(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .helpGroup('This machine:')
    .description('a throwaway real host on this machine: up, list, ssh, down')
    .helpCommand(false)
    .enablePositionalOptions();
  const own = async () => import('./sandbox.ts');
  sandbox
    .command('up [name]')
    .description('boot one')
    .option('--suite <suite>', 'Debian release: trixie, bookworm or sid', 'trixie')
    .option('--memory <mib>', 'memory in MiB', Number)
    .option('--include <packages>', 'more Debian packages, separated by commas')
    .option('--publish <domain>', "the site's domain, for the address on loopback", 'foobar.com')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await own()).sandboxUp(name, options));
  sandbox
    .command('list')
    .description('all of them')
    .option('--json', 'as JSON')
    .action(async (options) => (await own()).sandboxList(options));
  sandbox
    .command('ssh [name]')
    .description('log in')
    .action(async (name) => (await own()).sandboxSsh(name));
  sandbox
    .command('down [name]')
    .description('throw one away')
    .action(async (name) => (await own()).sandboxDown(name));
  sandbox.command('cut [name]', { hidden: true }).action(async (name) => (await own()).sandboxCut(name));
  sandbox.command('boot [name]', { hidden: true }).action(async (name) => (await own()).sandboxBoot(name));
  program.command('sandbox-publish <name>', { hidden: true }).action(async () => void (await import('../sandbox/publish.ts')));
}
