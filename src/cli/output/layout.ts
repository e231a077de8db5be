import stringWidth from 'string-width';

/** Returns how many columns a text takes on a terminal: none for combining marks, two for the wide characters of East Asia and for emoji. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** Shortened to a width, in columns, with a sign that something is missing. */
export function truncate(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (columnsOf(kept) + columnsOf(character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * Broken between words into lines of at most `width` columns, those after the first moved in by `indent`. A word that is longer,
 * such as a path, stays whole, so that it can be copied. Lines of the text's own stay apart.
 */
export function wrap(text: string, width: number, indent = 0): readonly string[] {
  const margin = ' '.repeat(indent);
  return text.split('\n').flatMap((paragraph, index) => {
    const lines: string[] = [];
    const own = /^ */.exec(paragraph)?.[0] ?? '';
    let line = index === 0 ? own : margin + own;
    let begun = false;
    for (const [, gap = '', word = ''] of paragraph.matchAll(/( *)([^ ]+)/g)) {
      if (begun && columnsOf(line + gap + word) > width) {
        lines.push(line);
        line = margin + (index === 0 ? '' : own) + word;
      } else line += begun ? gap + word : word;
      begun = true;
    }
    return [...lines, line];
  });
}

/** The columns to lay text out in; without a terminal lines are as long as they are, so that programs can read them. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(40, stream.columns || 80) : Number.POSITIVE_INFINITY;
}
