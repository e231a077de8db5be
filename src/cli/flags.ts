import { type Command, InvalidArgumentError, Option } from 'commander';
import { domainName } from '../config/domain.ts';
import { phpVersion } from '../runtimes/php/version.ts';

/** The group of an option, which is its heading in the help. */
export type Sort = keyof typeof sorts;

const sorts = {
  site: () => [
    new Option('-c, --config <file>', 'configuration file (default: foobar.config.{ts,mts,js,mjs,json})'),
    new Option('--env <name>', 'the environment: foobar.config.NAME.ts is merged over the configuration'),
    new Option('--domain <name>', "the site's domain").argParser(checked(domainName)),
    new Option('--app <dir>', "the application's folder"),
    new Option('--php <version>', "PHP's version, such as 8.4").argParser(checked(phpVersion)),
    new Option('--database <engine>', 'the database').choices(['mysql', 'mariadb', 'none']),
  ],
  connection: () => [
    new Option('--host <name>', 'work only on this configured server'),
    new Option('--site <domain>', 'work only on this configured site'),
    new Option('-i, --identity <file>', 'private key (default: ssh_config, the agent, the usual files)'),
    new Option('-p, --port <n>', 'SSH port').argParser(port),
    new Option('--accept-new', 'accept and record the key of a host that is not known yet'),
    new Option('--known-hosts <file>', 'known_hosts file (default: what ssh_config says)'),
    new Option('--sudo-password-stdin', 'read the sudo password from the first line of standard input'),
  ],
  agree: () => [new Option('-y, --yes', 'do not ask for confirmation; required without a terminal')],
  apply: () => [
    new Option('--plan <file>', 'apply exactly this saved plan, or refuse'),
    new Option('--wait-dns', 'wait until the names point to the host, then continue with HTTPS'),
    new Option('--allow-destroy', 'allow the plan to remove resources that hold data'),
  ],
  deploy: () => [
    new Option('--source <dir>', "the application's folder, or URL#ref of a git repository, for this release"),
    new Option('--checksum', 'compare file contents instead of timestamps'),
  ],
  rollback: () => [
    new Option('--to <id>', 'the release to go back to (default: the previous one)'),
    new Option('--data', 'restore the database too, as it was before the migrations since that release'),
  ],
  logs: () => [
    new Option('-f, --follow', 'keep showing new entries, until Ctrl-C'),
    new Option('--since <time>', 'only what was logged since: 30m, 2h, 1d, 2026-11-30 or 2026-11-30T18:00'),
    new Option('--grep <pattern>', 'only what matches this regular expression'),
    new Option('-n, --lines <count>', 'how many entries (default: 100; with --since or --grep, all)').argParser(count),
  ],
  maintenance: () => [
    new Option('--allow <address>', 'serve this address or network as usual; may be repeated').argParser(
      (address, before: readonly string[] = []) => [...before, address],
    ),
  ],
  backup: () => [
    new Option('--to <dir>', 'restore: write the backup to this new folder here, and change nothing on the host'),
    new Option('--from <repository>', 'restore: set up this new host from a repository alone (/mnt/backups, sftp:…, s3:…)'),
    new Option('--secrets-stdin', 'schedule, restore --from: read passphrase=…, key-id=… and key=… from standard input, each on a line'),
  ],
  import: () => [
    new Option('--site <domain>', 'the site to import (default: the only one on the old server, or in the backup)').argParser(
      checked(domainName),
    ),
    new Option('--server <target>', 'the new server, for the configuration that is written'),
    new Option('--again', 'copy again what has changed since the site was imported, and its database'),
    new Option('--allow-destroy', "replace the new server's database even if names of the site point there already"),
    new Option('--root <dir>', "the site's folder on the old server, or in the backup (default: what the web server's configuration says)"),
  ],
  database: () => [
    new Option('--snapshot <id>', 'import: a snapshot that an earlier import has kept on the host, instead of a file'),
    new Option('--from <env>', 'pull: the environment to copy from, such as production'),
    new Option('--to <env>', 'push: the environment to copy to, such as staging'),
    new Option('--confirm <domain>', 'pull, push: the domain of the production site whose database may be replaced').argParser(
      checked(domainName),
    ),
    new Option('--local-port <n>', 'tunnel: the port on this machine (default: 3307, or a free one)').argParser(port),
  ],
  plan: () => [
    new Option('--out <file>', 'save the plan'),
    new Option('--allow-destroy', 'allow the plan to remove resources that hold data'),
  ],
  export: () => [
    new Option('--format <format>', 'output format').choices(['sh', 'cloud-init']).default('sh'),
    new Option('--out <file>', 'output file (default: standard output)'),
    new Option('--access-proven', 'apply SSH and firewall settings too: they were proven on a host of the same image'),
  ],
  output: () => [
    new Option('--json', 'print newline-delimited JSON'),
    new Option('-v, --verbose', 'show every change; twice (-vv) also the diffs').argParser(
      (_, times: number | undefined) => (times ?? 0) + 1,
    ),
    new Option('-q, --quiet', 'show errors only'),
    new Option('--debug', 'show where in the code an error comes from'),
    new Option('--no-color', 'no colors'),
  ],
} satisfies Record<string, () => readonly Option[]>;

const headings: Readonly<Record<Sort, string>> = {
  site: 'The site:',
  connection: 'The connection:',
  agree: 'The run:',
  apply: 'The run:',
  deploy: 'The release:',
  rollback: 'The release:',
  logs: 'The log:',
  maintenance: 'The maintenance:',
  backup: 'The backup:',
  import: 'The import:',
  database: 'The database:',
  plan: 'The plan:',
  export: 'The script:',
  output: 'Output:',
};

/** Adds every option to a command, because all of them work everywhere, and shows those of these groups in its help. */
export function withOptions(command: Command, shown: readonly Sort[]): Command {
  const all: ReadonlySet<Sort> = new Set([
    ...shown,
    'output',
    'site',
    'connection',
    'agree',
    'apply',
    'deploy',
    'rollback',
    'logs',
    'maintenance',
    'backup',
    'import',
    'database',
    'plan',
    'export',
  ]);
  for (const sort of all) {
    for (const option of sorts[sort]()) {
      if (command.options.some(({ long }) => long === option.long)) continue;
      command.addOption(option.helpGroup(headings[sort]).hideHelp(!shown.includes(sort) && sort !== 'output'));
    }
  }
  return command;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65535) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return number;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('A number of entries is 1 or more.');
  return number;
}

/** Returns a parser that checks a value like the configuration does, and keeps it as it was typed. */
function checked(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    check(text);
    return text;
  };
}
