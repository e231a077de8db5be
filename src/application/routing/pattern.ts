/**
 * What of a regular expression Nginx may be given. The files of a site say it, so it must not end the quotes that it is written in, make a
 * variable of Nginx's, or take so long that other sites wait.
 */
const alphabet = /^(?:[A-Za-z0-9/_.\-,:!=<>~%@&#+*?()|^$[\]{}]|\\[dwsDWSb./_+\-()[\]?*|^$:,{}&=%!~@#])*$/;

/** Repeats without a limit that may follow one another, and those of them that match nearly everything. */
const most = { repeats: 8, wide: 3 };

/** Returns the pattern where Nginx may have it as it is, between double quotes; `(?i)` may stand before it. */
export function safePattern(text: string): string | undefined {
  const body = text.replace(/^\(\?i\)/, '');
  return text.length <= 1000 && alphabet.test(body) && compiles(body) && !isReadOtherwise(body) && isQuick(body) ? text : undefined;
}

function compiles(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Whether PCRE reads it in another way than JavaScript, or would make a variable of it. */
function isReadOtherwise(text: string): boolean {
  return /\[\^?\]|\[[:.=]/.test(text) || /\(\?(?!:|=|!|<=|<!)/.test(text) || /[*+?}]\+/.test(text);
}

interface Group {
  readonly looks: boolean;
  /** Of the alternative that is read. */
  repeats: number;
  wide: number;
  alternatives: boolean;
  /** Of the alternative that has the most. */
  mostRepeats: number;
  mostWide: number;
}

/** No repeat inside another, and none of alternatives: such patterns can take exponential time. Few repeats that follow one another. */
function isQuick(text: string): boolean {
  const open: Group[] = [newGroup('')];
  let closed = newGroup('');
  let before = '';
  for (const token of tokensOf(text)) {
    const here = open.at(-1);
    if (!here) return false;
    if (token.startsWith('(')) open.push(newGroup(token));
    else if (token === '|') {
      here.alternatives = true;
      // Only one of them is followed at a time.
      [here.repeats, here.wide] = [0, 0];
    } else if (token === ')') {
      closed = here;
      open.pop();
      const around = open.at(-1);
      if (!around) return false;
      // Looking ahead or back is done once, whatever follows.
      if (!here.looks) {
        add(around, here.mostRepeats, here.mostWide);
      }
    } else if (isRepeat(token)) {
      if (before === ')' && (closed.mostRepeats > 0 || closed.alternatives)) return false;
      add(here, 1, before === '.' || before.startsWith('[^') || /^\\[DWS]$/.test(before) ? 1 : 0);
    }
    if (open.some(({ repeats, wide }) => repeats > most.repeats || wide > most.wide)) return false;
    before = token;
  }
  return open.length === 1;
}

function newGroup(token: string): Group {
  return { looks: /^\(\?(?:=|!|<)/.test(token), repeats: 0, wide: 0, alternatives: false, mostRepeats: 0, mostWide: 0 };
}

function add(group: Group, repeats: number, wide: number): void {
  group.repeats += repeats;
  group.wide += wide;
  group.mostRepeats = Math.max(group.mostRepeats, group.repeats);
  group.mostWide = Math.max(group.mostWide, group.wide);
}

/** The parts of a regular expression: an escape, a class, the beginning or end of a group, a repeat, or one character. */
export function tokensOf(pattern: string): readonly string[] {
  return pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])*\]|\(\?(?::|=|!|<=|<!)|[*+]\??|\{\d+(?:,\d*)?\}\??|./g) ?? [];
}

function isRepeat(token: string): boolean {
  const [, , upTo] = /^\{(\d+)(?:,(\d*))?\}/.exec(token) ?? [];
  return /^[*+]/.test(token) || upTo === '' || /^\{.*\d{3}/.test(token);
}

/** Returns an address of the site where Nginx may be sent there; `$1` stands for a group of the pattern. */
export function safeTarget(text: string): string | undefined {
  return /^\/(?!\/)(?:[A-Za-z0-9/_.~%&=?,:@!+-]|\$[1-9])*$/.test(text) && !climbs(text) && text.length <= 500 ? text : undefined;
}

/** Returns where a visitor may be redirected to: an address of the site, or of another. */
export function safeLocation(text: string): string | undefined {
  const [, host, path = ''] = /^(https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?)?(.*)$/.exec(text) ?? [];
  if (host !== undefined && path === '') return text;
  return safeTarget(path.replace(/#[A-Za-z0-9_-]*$/, '')) === undefined ? undefined : text;
}

/** A path must not leave the folder that is served, whatever a group stands for. */
function climbs(text: string): boolean {
  const [path = ''] = text.split('?');
  return /(?:^|\/)\.{1,2}(?:\/|$|\$)/.test(path);
}

/** An address as people write it, as a pattern: `*` stands for anything, and a folder (`/private/`) for all below it. */
export function addressPattern(text: string): string | undefined {
  if (!/^\/(?:[A-Za-z0-9/_.~%&=,:@!+-]|\*)*$/.test(text)) return undefined;
  const pattern = `^${escaped(text).replaceAll('*', '(.*)')}`;
  return safePattern(text.endsWith('/') && !text.includes('*') ? pattern : `${pattern}$`);
}

/** The text as a pattern that matches it alone. */
export function escaped(text: string): string {
  return text.replaceAll(/[.+?()[\]{}|^$]/g, '\\$&');
}

/** The same pattern with no groups that a target could name. */
export function withoutGroups(pattern: string): string {
  return tokensOf(pattern)
    .map((token) => (token === '(' ? '(?:' : token))
    .join('');
}

/** The alternatives of a pattern: `a|b(c|d)` are `a` and `b(c|d)`. */
export function alternativesOf(pattern: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const token of tokensOf(pattern)) {
    if (token.startsWith('(')) depth += 1;
    if (token === ')') depth -= 1;
    if (token === '|' && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${token}`);
  }
  return parts;
}
