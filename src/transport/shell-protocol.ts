import { type Command, quote } from '../command/command.ts';

/** What every script of ours starts from, whatever the login's profile, umask and locale are. */
const prelude = [
  'umask 022',
  'LC_ALL=C',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'export LC_ALL PATH',
  'unset CDPATH',
  'cd /',
].join('; ');

/** The words that tell, on standard error, how root was reached or why not. */
export type Announcement = 'root' | 'sudo' | 'nosudo' | 'prompt' | 'granted';

/** The words by which the shell of a session tells, on both streams, that it has begun. */
export type Greeting = 'out' | 'err';

/** The marks of one session: `nonce` is random, so no output holds them by accident. */
export function marks(nonce: string) {
  return {
    announce: `${nonce}:`,
    begin: (frame: number) => `${nonce}<${frame}.`,
    end: (frame: number) => `${nonce}>${frame}.`,
  };
}

/**
 * A script as one command of the session's shell: it runs in a subshell of its own without input, and `eval` of quoted
 * text, so that neither `exit` nor a syntax error ends the session. Marks enclose what it prints, on both streams;
 * its exit code and a semicolon follow the last one on standard output.
 */
export function frame(script: Command, nonce: string, number: number): string {
  const { begin, end } = marks(nonce);
  const say = (mark: string) => `printf %s ${quote(mark)}; printf %s ${quote(mark)} >&2`;
  return `${say(begin(number))}\n(\neval ${quote(script.text)}\n) </dev/null\nprintf '${end(number)}%d;' "$?"; printf %s '${end(number)}' >&2\n`;
}

/**
 * The session's beginning: finds the way to root, runs the first frame on it and becomes a root shell that reads its standard input.
 * The first frame itself is the probe for sudo without a password, so that sudo logs no argument but `/bin/sh`,
 * and a password is read by sudo's prompt alone, never by a command's input.
 */
export function sessionText(firstFrame: string, nonce: string): string {
  // Standard error is greeted twice: whichever stream the login's startup files have sent to the other, both greetings come in the wrong one.
  return `${prelude}
say() { printf '${nonce}:%s.' "$1"; }
say err >&2; say out; say err >&2
first=${quote(firstFrame)}
if [ "$(id -u)" = 0 ]; then say root >&2; eval "$first"; exec /bin/sh; fi
command -v sudo >/dev/null || { say nosudo >&2; exit 1; }
if printf '%s\\n' ${quote(sessionPrelude(nonce, 'sudo'))} "$first" | sudo -n /bin/sh; then exec sudo -n /bin/sh; fi
exec sudo -S -p '${nonce}:prompt.' /bin/sh -c ${quote(`${sessionPrelude(nonce, 'granted')}; exec /bin/sh`)}
`;
}

/** What a root shell that sudo started says and sets first, because sudo resets the environment. A sudo that refuses shows this text, which is why the mark is not in it. */
function sessionPrelude(nonce: string, word: Announcement): string {
  return `${prelude}; printf '%s:${word}.' ${nonce} >&2`;
}

/**
 * A script on a channel of its own: it is the first `length` bytes of standard input, and what follows them is its input.
 * On standard error, its process group and a semicolon follow the mark, so that it can be ended where it is given up:
 * closing a channel ends nothing on the host.
 */
export function channelText(length: number, nonce: string, root: 'root' | 'sudo' | 'granted'): string {
  const mark = marks(nonce).begin(0);
  // The fifth field of proc_pid_stat(5); `head -c` takes the script's bytes and not one more.
  const group = 'read -r _ _ _ _ group _ </proc/self/stat';
  const text = `${sessionPrelude(nonce, root)}; printf %s '${mark}'; ${group}; printf '${mark}%s;' "$group" >&2; unset _ group; eval "$(head -c ${length})"`;
  switch (root) {
    case 'root':
      return text;
    case 'sudo':
      return `exec sudo -n /bin/sh -c ${quote(text)}`;
    case 'granted':
      return `exec sudo -S -p '${nonce}:prompt.' /bin/sh -c ${quote(text)}`;
  }
}

/**
 * A command line that any login shell (bash, dash, zsh, fish, csh) passes on unharmed to `sh`: words of base64, none of them
 * as long as the 1,024 bytes that csh takes.
 */
export function commandLine(text: string): string {
  const words =
    Buffer.from(`unset IFS; set --\n${text}`)
      .toString('base64')
      .match(/.{1,900}/g) ?? [];
  return `exec /bin/sh -c 'IFS=;eval "$(echo "$*"|base64 -d)"' sh ${words.join(' ')}`;
}

/** The longest first script that travels on the command line: Linux takes 128 KiB for one argument. */
export const longestFirst = 48_000;
