import { listHosts, listSandboxes, listServers } from './lists.ts';
import type { CommandWords, OptionWords } from './words.ts';

export function zsh(words: readonly CommandWords[]): string {
  return `#compdef foobar-provision
# Completion of foobar-provision for zsh. Put this line into ~/.zshrc, after compinit:
#   eval "$(foobar-provision completion zsh)"
_foobar_provision_servers() { compadd -- \${(f)"$(${listServers})"} }
_foobar_provision_hosts() { _foobar_provision_servers; compadd -- \${(f)"$(${listHosts})"} }
_foobar_provision_sandboxes() { compadd -- \${(f)"$(${listSandboxes})"} }
${words.map(functionOf).join('\n')}
compdef _foobar_provision foobar-provision
`;
}

function functionOf({ path, commands, options, argument }: CommandWords): string {
  const specs = options.map((option) => `    ${optionSpec(option)}`);
  if (commands.length === 0) {
    const last = argument === undefined ? [] : [`    '1:: :${action(argument)}'`];
    return `${nameOf(path)}() {
  _arguments -s \\
${[...specs, ...last].join(' \\\n')}
}`;
  }
  return `${nameOf(path)}_first() {
  local -a commands=(
${commands.map(({ name, about }) => `    '${name}:${about.replaceAll(':', '\\:')}'`).join('\n')}
  )
  _describe command commands${argument === 'host' ? '\n  _foobar_provision_hosts' : ''}
}
${nameOf(path)}() {
  local curcontext=$curcontext state line
  _arguments -C -s \\
${[...specs, `    '1: :${nameOf(path)}_first'`, `    '*:: :->rest'`].join(' \\\n')}
  [[ $state == rest ]] || return 0
  case $line[1] in
${commands.map(({ name }) => `  ${name}) ${nameOf([...path, name])} ;;`).join('\n')}
  esac
}`;
}

function nameOf(path: readonly string[]): string {
  return ['_foobar_provision', ...path.map((part) => part.replaceAll('-', '_'))].join('_');
}

function action(argument: NonNullable<CommandWords['argument']>): string {
  if (argument === 'host') return '_foobar_provision_hosts';
  return argument === 'sandbox' ? '_foobar_provision_sandboxes' : `(${argument.join(' ')})`;
}

function optionSpec({ flags, about, value }: OptionWords): string {
  const text = `[${about.replaceAll(/[[\]:]/g, (sign) => `\\${sign}`)}]`;
  const takes = { none: '', text: ': : ', file: ': :_files', folder: ': :_files -/', server: ': :_foobar_provision_servers' };
  const rest = typeof value === 'string' ? takes[value] : `: :(${value.join(' ')})`;
  if (flags.length === 1) return `'${flags[0]}${text}${rest}'`;
  return `'(${flags.join(' ')})'{${flags.join(',')}}'${text}${rest}'`;
}
