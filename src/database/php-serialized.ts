/**
 * Returns a serialized PHP value with each of its strings replaced and the lengths corrected, or undefined if `text` is not a serialized
 * value. Lengths count the characters of `text`, so if the lengths are in bytes, each character must stand for one byte. Array keys, class
 * names and property names are not replaced.
 */
export function replaceInSerialized(text: string, replace: (inner: string) => string): string | undefined {
  const result = value(text, 0, replace, 0);
  return result && result.end === text.length ? result.output : undefined;
}

interface Parsed {
  readonly output: string;
  readonly end: number;
}

/** The deepest nesting that is parsed, so that no value can exhaust the stack. A value with deeper nesting is not parsed at all. */
const deepest = 500;

function value(text: string, at: number, replace: (inner: string) => string, depth: number): Parsed | undefined {
  if (depth > deepest) return undefined;
  const scalar = match(/(?:N|b:[01]|i:[+-]?\d+|d:[^;"{}]{1,40}|[rR]:\d+);/y, text, at);
  if (scalar) return { output: scalar[0], end: at + scalar[0].length };
  switch (text[at]) {
    case 's': {
      const found = lengthened(text, at, '"', '";');
      if (!found) return undefined;
      const inner = replace(found.inner);
      return { output: `s:${inner.length}:"${inner}";`, end: found.end };
    }
    case 'a': {
      const head = match(/a:(\d+):\{/y, text, at);
      return head && members(text, at, head[0], Number(head[1]), replace, depth);
    }
    case 'O': {
      const head = match(/O:\d+:"[^"]*":(\d+):\{/y, text, at);
      return head && members(text, at, head[0], Number(head[1]), replace, depth);
    }
    case 'E': {
      const head = match(/E:\d+:"[^"]*";/y, text, at);
      return head && { output: head[0], end: at + head[0].length };
    }
    case 'C': {
      const head = match(/C:\d+:"[^"]*"(?=:)/y, text, at);
      const found = head && lengthened(text, at + head[0].length - 1, '{', '}');
      if (!head || !found) return undefined;
      const inner = replace(found.inner);
      return { output: `${head[0]}:${inner.length}:{${inner}}`, end: found.end };
    }
    default:
      return undefined;
  }
}

/** Parses `x:LENGTH:` and a string of that length between two delimiters. */
function lengthened(text: string, at: number, open: string, close: string): { readonly inner: string; readonly end: number } | undefined {
  const head = match(/.:(\d{1,10}):/sy, text, at);
  if (!head) return undefined;
  const start = at + head[0].length + open.length;
  const end = start + Number(head[1]);
  if (!text.startsWith(open, start - open.length) || !text.startsWith(close, end)) return undefined;
  return { inner: text.slice(start, end), end: end + close.length };
}

function members(
  text: string,
  at: number,
  head: string,
  count: number,
  replace: (inner: string) => string,
  depth: number,
): Parsed | undefined {
  const parts = [head];
  let end = at + head.length;
  for (let index = 0; index < count; index += 1) {
    const key = value(text, end, (inner) => inner, depth + 1);
    const own = key && value(text, key.end, replace, depth + 1);
    if (!key || !own) return undefined;
    parts.push(key.output, own.output);
    end = own.end;
  }
  if (text[end] !== '}') return undefined;
  return { output: `${parts.join('')}}`, end: end + 1 };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
