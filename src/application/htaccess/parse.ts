/** A directive of a `.htaccess` file, or a section with the directives inside it. */
export interface Directive {
  readonly line: number;
  /** In lower case: `rewriterule`, or `<ifmodule` for a section. */
  readonly name: string;
  readonly words: readonly string[];
  /** As it is written in the file. */
  readonly text: string;
  readonly inside: readonly Directive[];
}

/**
 * Parses a `.htaccess` file like Apache (https://httpd.apache.org/docs/2.4/configuring.html). A section that is not closed ends with the
 * file.
 */
export function parse(text: string): readonly Directive[] {
  const open: { readonly head: Omit<Directive, 'inside'>; readonly inside: Directive[] }[] = [];
  const all: Directive[] = [];
  const add = (directive: Directive) => (open.at(-1)?.inside ?? all).push(directive);
  const close = () => {
    const ended = open.pop();
    if (ended) add({ ...ended.head, inside: ended.inside });
  };
  for (const { line, content } of linesOf(text)) {
    if (/^<\//.test(content)) {
      close();
      continue;
    }
    const [, section, name = '', rest = ''] = /^(<)?\s*([A-Za-z_][\w]*)\s*(.*?)$/s.exec(content) ?? [];
    const words = wordsOf(section ? rest.replace(/>\s*$/, '') : rest);
    const head = { line, name: `${section ?? ''}${name.toLowerCase()}`, words, text: content.replace(/\s+/g, ' ') };
    if (section) open.push({ head, inside: [] });
    else add({ ...head, inside: [] });
  }
  while (open.length > 0) close();
  return all;
}

/** Returns the lines that are neither empty nor comments, with their numbers. A backslash at the end continues a line. */
function linesOf(text: string): readonly { readonly line: number; readonly content: string }[] {
  const found: { line: number; content: string }[] = [];
  let begun: { line: number; content: string } | undefined;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const isContinued = /\\$/.test(raw);
    const content = isContinued ? raw.slice(0, -1) : raw;
    begun = begun ? { line: begun.line, content: `${begun.content} ${content}` } : { line: index + 1, content };
    if (isContinued) continue;
    const trimmed = begun.content.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) found.push({ line: begun.line, content: trimmed });
    begun = undefined;
  }
  return found;
}

/** Splits a line into words. Between quotes, spaces and escaped quotes are part of a word. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double?.replaceAll('\\"', '"') ?? single?.replaceAll("\\'", "'") ?? bare ?? '',
  );
}
