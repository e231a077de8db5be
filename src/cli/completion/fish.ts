import { listHosts, listSandboxes, listServers } from './lists.ts';
import type { CommandWords, OptionWords } from './words.ts';

export function fish(words: readonly CommandWords[]): string {
  return `# Completion of foobar-provision for fish. Write it to ~/.config/fish/completions/foobar-provision.fish
complete -c foobar-provision -f
${words.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, argument }: CommandWords): readonly string[] {
  const when = condition(path, commands);
  const line = (rest: string) => `complete -c foobar-provision -n '${when}' ${rest}`;
  return [
    ...commands.map(({ name, about }) => line(`-a ${name} -d '${about}'`)),
    ...options.map((option) => line(optionWords(option))),
    ...(argument === 'host' ? [line(`-a '(${quoted(listServers)})' -d server`), line(`-a '(${quoted(listHosts)})' -d host`)] : []),
    ...(argument === 'sandbox' ? [line(`-a '(${quoted(listSandboxes)})' -d sandbox`)] : []),
    ...(argument && typeof argument !== 'string' ? [line(`-a '${argument.join(' ')}'`)] : []),
  ];
}

/** Returns the condition under which a command's words are completed: after its path, and before a subcommand. */
function condition(path: readonly string[], below: CommandWords['commands']): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const unseen = below.length > 0 ? [`not __fish_seen_subcommand_from ${below.map(({ name }) => name).join(' ')}`] : [];
  return [...seen, ...unseen].join('; and ');
}

function optionWords({ flags, about, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  const takes = {
    none: '',
    text: ' -x',
    file: ' -r -F',
    folder: ` -x -a '(__fish_complete_directories)'`,
    server: ` -x -a '(${quoted(listServers)})'`,
  };
  return `${names} -d '${about}'${typeof value === 'string' ? takes[value] : ` -x -a '${value.join(' ')}'`}`;
}

/** Escapes a text for a place between single quotes. */
function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
