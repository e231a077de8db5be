import type { Command } from 'commander';

/** Adds `sandbox up|list|ssh|down`, and hidden commands for power cuts, booting and publishing. */
export function addSandbox(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .helpGroup('This machine:')
    .description('throwaway real hosts on this machine: up, list, ssh, down')
    .helpCommand(false)
    .enablePositionalOptions();
  const handlers = async () => import('./sandbox.ts');
  sandbox
    .command('up [name]')
    .description('create and boot a host')
    .option('--suite <suite>', 'Debian release: trixie, bookworm or sid', 'trixie')
    .option('--memory <mib>', 'memory in MiB', Number)
    .option('--include <packages>', 'additional Debian packages, separated by commas')
    .option('--publish <domain>', "the site's domain, for its address on loopback", 'foobar.com')
    .option('--json', 'print JSON')
    .action(async (name, options) => (await handlers()).sandboxUp(name, options));
  sandbox
    .command('list')
    .description('list all hosts')
    .option('--json', 'print JSON')
    .action(async (options) => (await handlers()).sandboxList(options));
  sandbox
    .command('ssh [name]')
    .description('log in to a host')
    .action(async (name) => (await handlers()).sandboxSsh(name));
  sandbox
    .command('down [name]')
    .description('remove a host')
    .action(async (name) => (await handlers()).sandboxDown(name));
  sandbox.command('cut [name]', { hidden: true }).action(async (name) => (await handlers()).sandboxCut(name));
  sandbox.command('boot [name]', { hidden: true }).action(async (name) => (await handlers()).sandboxBoot(name));
  program.command('sandbox-publish <name>', { hidden: true }).action(async () => void (await import('../sandbox/publish.ts')));
}
