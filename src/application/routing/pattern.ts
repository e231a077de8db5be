/**
 * The characters that a regular expression for Nginx may contain. It comes from a site's files, so it must not end its quotes, become a
 * variable of Nginx, or take so long that other sites wait.
 */
const alphabet = /^(?:[A-Za-z0-9/_.\-,:!=<>~%@&#+*?()|^$[\]{}]|\\[dwsDWSb./_+\-()[\]?*|^$:,{}&=%!~@#])*$/;

/** The maximum number of unlimited repeats in a row, and of those among them that match nearly everything. */
const most = { repeats: 8, wide: 3 };

/** Returns the pattern if it is safe for Nginx between double quotes, otherwise undefined. It may begin with `(?i)`. */
export function safePattern(text: string): string | undefined {
  const body = text.replace(/^\(\?i\)/, '');
  return text.length <= 1000 && alphabet.test(body) && compiles(body) && !isReadDifferently(body) && isQuick(body) ? text : undefined;
}

function compiles(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Returns whether PCRE interprets it differently than JavaScript. */
function isReadDifferently(text: string): boolean {
  return /\[\^?\]|\[[:.=]/.test(text) || /\(\?(?!:|=|!|<=|<!)/.test(text) || /[*+?}]\+/.test(text);
}

interface Group {
  readonly isLookaround: boolean;
  /** In the current alternative. */
  repeats: number;
  wide: number;
  alternatives: boolean;
  /** In the alternative with the most. */
  mostRepeats: number;
  mostWide: number;
}

/**
 * Returns whether a pattern is fast: it has no repeat inside another repeat and no repeated alternatives, which can take exponential
 * time, and few repeats in a row.
 */
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
      // Only one alternative is tried at a time.
      [here.repeats, here.wide] = [0, 0];
    } else if (token === ')') {
      closed = here;
      open.pop();
      const around = open.at(-1);
      if (!around) return false;
      // A lookahead or lookbehind is tested once, whatever follows.
      if (!here.isLookaround) {
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
  return { isLookaround: /^\(\?(?:=|!|<)/.test(token), repeats: 0, wide: 0, alternatives: false, mostRepeats: 0, mostWide: 0 };
}

function add(group: Group, repeats: number, wide: number): void {
  group.repeats += repeats;
  group.wide += wide;
  group.mostRepeats = Math.max(group.mostRepeats, group.repeats);
  group.mostWide = Math.max(group.mostWide, group.wide);
}

/** Returns the parts of a regular expression: escapes, classes, beginnings and ends of groups, repeats, and single characters. */
export function tokensOf(pattern: string): readonly string[] {
  return pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])*\]|\(\?(?::|=|!|<=|<!)|[*+]\??|\{\d+(?:,\d*)?\}\??|./g) ?? [];
}

function isRepeat(token: string): boolean {
  const [, , upTo] = /^\{(\d+)(?:,(\d*))?\}/.exec(token) ?? [];
  return /^[*+]/.test(token) || upTo === '' || /^\{.*\d{3}/.test(token);
}

/** Returns an address of the site if it is a safe target for Nginx, otherwise undefined. `$1` refers to a group of the pattern. */
export function safeTarget(text: string): string | undefined {
  return /^\/(?!\/)(?:[A-Za-z0-9/_.~%&=?,:@!+-]|\$[1-9])*$/.test(text) && !leavesFolder(text) && text.length <= 500 ? text : undefined;
}

/** Returns an address of this or another site if it is a safe target of a redirect, otherwise undefined. */
export function safeLocation(text: string): string | undefined {
  const [, host, path = ''] = /^(https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?)?(.*)$/.exec(text) ?? [];
  if (host !== undefined && path === '') return text;
  return safeTarget(path.replace(/#[A-Za-z0-9_-]*$/, '')) === undefined ? undefined : text;
}

/** Returns whether a path could leave the served folder, whatever a group contains. */
function leavesFolder(text: string): boolean {
  const [path = ''] = text.split('?');
  return /(?:^|\/)\.{1,2}(?:\/|$|\$)/.test(path);
}

/**
 * Returns the pattern for an address as people write it: `*` matches anything, and a folder (`/private/`) everything below it. Returns
 * undefined if it is not safe.
 */
export function addressPattern(text: string): string | undefined {
  if (!/^\/(?:[A-Za-z0-9/_.~%&=,:@!+-]|\*)*$/.test(text)) return undefined;
  const pattern = `^${escaped(text).replaceAll('*', '(.*)')}`;
  return safePattern(text.endsWith('/') && !text.includes('*') ? pattern : `${pattern}$`);
}

/** Returns a pattern that matches exactly this text. */
export function escaped(text: string): string {
  return text.replaceAll(/[.+?()[\]{}|^$]/g, '\\$&');
}

/** Returns whether a pattern, which may begin with `(?i)`, matches an address. Throws a SyntaxError if it is not valid in JavaScript. */
export function matchesAddress(pattern: string, address: string): boolean {
  return new RegExp(pattern.replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : '').test(address);
}

/** Returns the same pattern without capturing groups. */
export function withoutGroups(pattern: string): string {
  return tokensOf(pattern)
    .map((token) => (token === '(' ? '(?:' : token))
    .join('');
}

/** Returns the alternatives of a pattern: `a` and `b(c|d)` for `a|b(c|d)`. */
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
