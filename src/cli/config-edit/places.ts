import type { Property, Span, Tree, Value } from './read-tree.ts';

type ObjectValue = Value & { readonly kind: 'object' };

/**
 * Returns the text with a new property in an object: below a comment that shows an example of it (`// php: …`), otherwise after the last
 * property.
 */
export function insertion(text: string, tree: Tree, object: ObjectValue, property: string, isJson: boolean): string {
  const { comments } = tree;
  const last = lastPart(object);
  const inside = comments.filter(({ start, end }) => start > object.start && end < object.end && !isInPart(object, start));
  if (!last && inside.length === 0) return `${text.slice(0, object.start)}{ ${property} }${text.slice(object.end)}`;
  const from = last?.end ?? object.start + 1;
  const comma = last ? afterComma(text, comments, from) : from;
  // Without a comma after the last property, it gets one.
  const shift = comma === undefined ? 1 : 0;
  const separated = comma === undefined ? `${text.slice(0, from)},${text.slice(from)}` : text;
  if (!text.slice(from, object.end).includes('\n')) {
    const at = comma ?? from + shift;
    return `${separated.slice(0, at)} ${property}${comma === undefined ? '' : ','}${separated.slice(at)}`;
  }
  const name = property.slice(0, property.indexOf(':'));
  const example = inside.find((comment) => comment.text.trimStart().startsWith(`${name}:`));
  const anchor = example?.end ?? (last ? (comma ?? from) : (inside.at(-1)?.end ?? from));
  const end = endWithComments(text, comments, anchor) + (anchor >= from ? shift : 0);
  const indent = last ? indentOf(text, last.start) : indentOf(text, (inside[0] ?? object).start);
  return `${separated.slice(0, end)}${text.includes('\r\n') ? '\r\n' : '\n'}${indent}${property}${isJson ? '' : ','}${separated.slice(end)}`;
}

/** Returns the text without a property, and without the comment behind it on its line. */
export function removal(
  text: string,
  { comments }: Tree,
  { object, property }: { readonly object: ObjectValue; readonly property: Property },
  isJson: boolean,
): string {
  const comma = afterComma(text, comments, property.end);
  const before = object.properties.findLast(({ end }) => end <= property.start);
  // JSON has no comma after the last property.
  if (isJson && comma === undefined && before) return text.slice(0, before.end) + text.slice(property.end);
  const lineStart = text.lastIndexOf('\n', property.start - 1) + 1;
  const end = endWithComments(text, comments, comma ?? property.end);
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end));
  if (rest && text.slice(lineStart, property.start).trim() === '') return text.slice(0, lineStart) + text.slice(end + rest[0].length);
  const next = object.properties.find(({ start }) => start >= property.end);
  if (next) return text.slice(0, property.start) + text.slice(next.start);
  return before ? text.slice(0, before.end) + text.slice(property.end) : text.slice(0, property.start) + text.slice(comma ?? property.end);
}

/** Returns the last property or spread of an object. */
function lastPart({ properties, spreads }: ObjectValue): Span | undefined {
  return [...properties, ...spreads].toSorted((one, other) => one.start - other.start).at(-1);
}

function isInPart({ properties, spreads }: ObjectValue, at: number): boolean {
  return [...properties, ...spreads].some(({ start, end }) => at > start && at < end);
}

/** Returns the position after the comma that follows, or undefined if none does. Whitespace and comments may be in between. */
function afterComma(text: string, comments: readonly Span[], from: number): number | undefined {
  let at = from;
  for (;;) {
    const comment = comments.find(({ start }) => start === at);
    if (comment) at = comment.end;
    else if (/^\s$/.test(text[at] ?? '')) at += 1;
    else return text[at] === ',' ? at + 1 : undefined;
  }
}

/** Returns the end of the comments that follow on the same line. */
function endWithComments(text: string, comments: readonly Span[], from: number): number {
  const comment = comments.find(
    ({ start }) => start >= from && text.slice(from, start).trim() === '' && !text.slice(from, start).includes('\n'),
  );
  return comment ? endWithComments(text, comments, comment.end) : from;
}

function indentOf(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';
}
