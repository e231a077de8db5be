/** A directive of a `.htaccess` file, or a section with those inside. */
export interface Directive {
  readonly line: number;
  /** In small letters: `rewriterule`, or `<ifmodule` of a section. */
  readonly name: string;
  readonly words: readonly string[];
  /** As it stands in the file. */
  readonly text: string;
  readonly inside: readonly Directive[];
}

/**
 * Reads a `.htaccess` file as Apache does (https://httpd.apache.org/docs/2.4/configuring.html). A section that is not closed ends with the
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

/** Lines that say something, with their numbers; a backslash at the end goes on with the next one. */
function linesOf(text: string): readonly { readonly line: number; readonly content: string }[] {
  const found: { line: number; content: string }[] = [];
  let begun: { line: number; content: string } | undefined;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const goesOn = /\\$/.test(raw);
    const content = goesOn ? raw.slice(0, -1) : raw;
    begun = begun ? { line: begun.line, content: `${begun.content} ${content}` } : { line: index + 1, content };
    if (goesOn) continue;
    const trimmed = begun.content.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) found.push({ line: begun.line, content: trimmed });
    begun = undefined;
  }
  return found;
}

/** Words between blanks, or between quotes in which a backslash keeps a quote. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double?.replaceAll('\\"', '"') ?? single?.replaceAll("\\'", "'") ?? bare ?? '',
  );
}
