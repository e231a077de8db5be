import { listHosts, listSandboxes, listServers } from './lists.ts';
import type { CommandWords, Value } from './words.ts';

export function bash(words: readonly CommandWords[]): string {
  const all = words.flatMap(({ options }) => options);
  const taking = flagsOf(all.filter(({ value }) => value !== 'none'));
  const values = [...new Map(all.map((option) => [option.flags.join(), option])).values()];
  return `# shellcheck shell=bash disable=SC2207
# Completion of foobar-provision for bash. Put this line into ~/.bashrc:
#   eval "$(foobar-provision completion bash)"
_foobar_provision_servers() {
  ${listServers}
}
_foobar_provision_hosts() {
  _foobar_provision_servers
  ${listHosts}
}
_foobar_provision_sandboxes() {
  ${listSandboxes}
}
_foobar_provision() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
    ${taking.join(' | ')}) i=$((i + 1)) ;;
    -*) ;;
    *) case "$path/$word" in
      ${words.flatMap(({ path }) => (path.length > 0 ? [`/${path.join('/')}`] : [])).join(' | ')}) path=$path/$word ;;
      esac ;;
    esac
  done
  case $prev in
${values.flatMap(({ flags, value }) => (value === 'none' ? [] : [`  ${flags.join(' | ')}) ${valueLine(value)} return ;;`])).join('\n')}
  esac
  case $path in
${words.map(commandLine).join('\n')}
  esac
}
complete -F _foobar_provision foobar-provision
`;
}

function valueLine(value: Value): string {
  switch (value) {
    case 'file':
      return `compopt -o filenames; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur"));`;
    case 'folder':
      return `compopt -o filenames; local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur"));`;
    case 'server':
      return `COMPREPLY=($(compgen -W "$(_foobar_provision_servers)" -- "$cur"));`;
    case 'none':
    case 'text':
      return '';
    default:
      return `COMPREPLY=($(compgen -W '${value.join(' ')}' -- "$cur"));`;
  }
}

function commandLine({ path, commands, options, argument }: CommandWords): string {
  const names = commands.map(({ name }) => name);
  const dynamic =
    argument === 'host' || argument === 'sandbox'
      ? `$(_foobar_provision_${argument}${argument === 'host' ? 's' : 'es'})`
      : (argument ?? []).join(' ');
  return `  ${path.length > 0 ? `/${path.join('/')}` : "''"})
    case $cur in
    -*) COMPREPLY=($(compgen -W '${flagsOf(options).join(' ')}' -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "${[...names, dynamic].filter(Boolean).join(' ')}" -- "$cur")) ;;
    esac ;;`;
}

function flagsOf(options: CommandWords['options']): readonly string[] {
  return [...new Set(options.flatMap(({ flags }) => flags))];
}
