import { type Command, quote } from '../command/command.ts';

/** Gives every script the same environment, regardless of the login's profile, umask and locale. */
const prelude = [
  'umask 022',
  'LC_ALL=C',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'export LC_ALL PATH',
  'unset CDPATH',
  'cd /',
].join('; ');

/** The words on standard error that report how the shell became root, that it stays the login user, or why it cannot become root. */
export type Announcement = 'root' | 'sudo' | 'user' | 'nosudo' | 'prompt' | 'granted';

/** How a channel's command becomes root, or that it stays the login user. */
type Access = 'root' | 'sudo' | 'user' | 'granted';

/** The words on both output streams that report that the shell of a session has started. */
export type Greeting = 'out' | 'err';

/** Returns the markers of one session. `nonce` is random, so no output contains them by accident. */
export function marks(nonce: string) {
  return {
    announce: `${nonce}:`,
    begin: (frame: number) => `${nonce}<${frame}.`,
    end: (frame: number) => `${nonce}>${frame}.`,
  };
}

/**
 * Wraps a script as one command of the session's shell. It runs in a subshell without input, by `eval` of quoted text, so that
 * neither `exit` nor a syntax error ends the session. Markers enclose its output on both streams; its exit code and a semicolon
 * follow the last marker on standard output.
 */
export function frame(script: Command, nonce: string, number: number): string {
  const { begin, end } = marks(nonce);
  const say = (mark: string) => `printf %s ${quote(mark)}; printf %s ${quote(mark)} >&2`;
  return `${say(begin(number))}\n(\neval ${quote(script.text)}\n) </dev/null\nprintf '${end(number)}%d;' "$?"; printf %s '${end(number)}' >&2\n`;
}

/**
 * Returns the start of a session: it becomes root, runs the first frame, and then is a root shell that reads its standard input.
 * The first frame itself tests whether sudo needs no password. This way sudo logs no argument but `/bin/sh`,
 * and only sudo's prompt reads a password, never the input of a command. If root is only `preferred`, no password is asked for, and sudo is
 * tried only for members of a group that usually may use it, because it reports a refusal to the host's administrator.
 */
export function sessionText(firstFrame: string, nonce: string, root: 'required' | 'preferred' = 'required'): string {
  const asSudo = `printf '%s\\n' ${quote(sessionPrelude(nonce, 'sudo'))} "$first" | sudo -n /bin/sh`;
  const orElse =
    root === 'required'
      ? `command -v sudo >/dev/null || { say nosudo >&2; exit 1; }
if ${asSudo}; then exec sudo -n /bin/sh; fi
exec sudo -S -p '${nonce}:prompt.' /bin/sh -c ${quote(`${sessionPrelude(nonce, 'granted')}; exec /bin/sh`)}`
      : `case " $(id -Gn 2>/dev/null) " in *' sudo '* | *' wheel '* | *' admin '*)
  if ${asSudo}; then exec sudo -n /bin/sh; fi ;;
esac
say user >&2; eval "$first"; exec /bin/sh`;
  // Greet on standard error twice: if the login's startup files redirect one stream to the other, both greetings arrive on the wrong one.
  return `${prelude}
say() { printf '${nonce}:%s.' "$1"; }
say err >&2; say out; say err >&2
first=${quote(firstFrame)}
if [ "$(id -u)" = 0 ]; then say root >&2; eval "$first"; exec /bin/sh; fi
${orElse}
`;
}

/**
 * Returns the first lines of a root shell that sudo started, because sudo resets the environment. When sudo refuses, it shows this text, so
 * the text must not contain the marker.
 */
function sessionPrelude(nonce: string, word: Announcement): string {
  return `${prelude}; printf '%s:${word}.' ${nonce} >&2`;
}

/**
 * Returns the command of a script on a channel of its own. The script is the first `length` bytes of standard input; its own input
 * follows. On standard error, its process group and a semicolon follow the marker, so that it can be terminated after a timeout:
 * closing a channel ends nothing on the host.
 */
export function channelText(length: number, nonce: string, root: Access, run = `eval "$(head -c ${length})"`): string {
  const mark = marks(nonce).begin(0);
  // The group is the fifth field of proc_pid_stat(5). `head -c` reads exactly the script's bytes.
  const group = 'read -r _ _ _ _ group _ </proc/self/stat';
  const text = `${sessionPrelude(nonce, root)}; printf %s '${mark}'; ${group}; printf '${mark}%s;' "$group" >&2; unset _ group; ${run}`;
  switch (root) {
    case 'root':
    case 'user':
      return text;
    case 'sudo':
      return `exec sudo -n /bin/sh -c ${quote(text)}`;
    case 'granted':
      return `exec sudo -S -p '${nonce}:prompt.' /bin/sh -c ${quote(text)}`;
  }
}

/**
 * Returns the same for a channel with a terminal, which passes the bytes of the password and of the script unchanged and shows neither. When
 * the script starts, the terminal is as usual.
 */
export function terminalText(length: number, nonce: string, root: Access): string {
  return `stty raw -echo; ${channelText(length, nonce, root, `script=$(head -c ${length}); stty sane; eval "$script"`)}`;
}

/**
 * Returns a command line that any login shell (bash, dash, zsh, fish, csh) passes to `sh` unchanged: words of base64, each
 * shorter than csh's limit of 1,024 bytes.
 */
export function commandLine(text: string): string {
  const words =
    Buffer.from(`unset IFS; set --\n${text}`)
      .toString('base64')
      .match(/.{1,900}/g) ?? [];
  return `exec /bin/sh -c 'IFS=;eval "$(echo "$*"|base64 -d)"' sh ${words.join(' ')}`;
}

/** The longest first script that fits on the command line: Linux allows 128 KiB for one argument. */
export const maxFirstScriptBytes = 48_000;
