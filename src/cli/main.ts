import { Command, CommanderError, Option } from 'commander';
import { version } from '../version.ts';
import type { Options } from './options.ts';
import type { Reporter } from './reporter.ts';

type Work = (
  target: string | undefined,
  options: Options,
  reporter: Reporter,
  signal: AbortSignal,
) => Promise<import('../engine/event.ts').Result>;

/** Every command loads what it needs when it runs, so that `--help` costs nothing. */
const commands: readonly {
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<Work>;
  readonly isDefault?: boolean;
}[] = [
  { name: 'apply', about: 'plan, ask, apply, verify: the main job', load: async () => (await import('./apply.ts')).apply, isDefault: true },
  { name: 'plan', about: 'what would change and why; touches nothing', load: async () => (await import('./plan.ts')).plan },
  {
    name: 'destroy',
    about: 'take away all that was made for this configuration, and only that',
    load: async () => (await import('./apply.ts')).destroy,
  },
  {
    name: 'export',
    about: 'the same plan as one script, to run without us',
    load: async () => (await import('./export.ts')).exportPlan,
  },
  { name: 'verify', about: 'walk the request path, hop by hop; touches nothing', load: async () => (await import('./verify.ts')).verify },
];

function withOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration (default: foobar.config.{ts,mts,js,mjs,json})')
    .option('-i, --identity <file>', 'private key')
    .option('-p, --port <n>', 'SSH port', port)
    .option('-y, --yes', 'do not ask')
    .option('--accept-new', 'accept and record the key of a host never seen before')
    .option('--known-hosts <file>', 'known_hosts file (default: what ssh_config says)')
    .option('--sudo-password-stdin', "read the sudo password from standard input's first line")
    .option('--domain <name>', "the site's domain")
    .option('--app <dir>', "the application's folder")
    .option('--php <version>', "PHP's version, such as 8.4")
    .addOption(new Option('--database <engine>', 'the database').choices(['mysql', 'mariadb', 'none']))
    .option('--out <file>', 'plan: save the plan; export: write the script')
    .addOption(new Option('--format <format>', 'export: what to write').choices(['sh', 'cloud-init']).default('sh'))
    .option('--plan <file>', 'apply exactly this saved plan, or refuse')
    .option('--allow-destroy', 'removals of what holds data are part of the plan')
    .option('--json', 'newline-delimited JSON on standard output')
    .option('-v, --verbose', 'say more')
    .option('-q, --quiet', 'say only what went wrong')
    .option('--debug', 'show where an error comes from')
    .option('--no-color', 'no colours');
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    throw new CommanderError(1, 'port', `error: ${JSON.stringify(text)} is no port: it is a number from 1 to 65535`);
  return number;
}

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('foobar-provision')
    .description('From a bare Linux host to a verified PHP site, over SSH.')
    .exitOverride()
    .enablePositionalOptions();
  program.version(version, '--version');
  for (const { name, about, load, isDefault } of commands) {
    withOptions(
      program.command(`${name} [target]`, { isDefault: isDefault === true, hidden: isDefault === true }).description(about),
    ).action(async (target: string | undefined, options: Options & { color: boolean }) => {
      if (!options.color) process.env['NO_COLOR'] = '1';
      const { report } = await import('./reporter.ts');
      // What export prints is the script, and nothing else.
      const heard = name === 'export' && !options.out ? { ...options, quiet: true } : options;
      await report(heard, async (reporter, signal) => (await load())(target, options, reporter, signal));
    });
  }
  const sandbox = program
    .command('sandbox')
    .description('a throwaway real host on this machine: up, list, ssh, down')
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
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'port') process.stderr.write(`${error.message}\n`);
      process.exitCode = error.exitCode;
      return;
    }
    const { Problem } = await import('../error.ts');
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`✖ ${error.message}\n  ${error.details.hint ?? ''}\n`);
    process.exitCode = error.exit;
  }
}
