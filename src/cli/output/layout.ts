import stringWidth from 'string-width';

/**
 * Returns how many columns a text takes on a terminal: none for combining marks, two for the wide characters of East Asia and for emoji.
 */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** Returns a text shortened to a width in columns, with a sign that something is missing. */
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
 * Breaks a text between words into lines of at most `width` columns, and indents those after the first by `indent`. A longer word, such as
 * a path, stays whole, so that it can be copied. The text's own line breaks stay.
 */
export function wrap(text: string, width: number, indent = 0): readonly string[] {
  const margin = ' '.repeat(indent);
  return text.split('\n').flatMap((paragraph, index) => {
    const lines: string[] = [];
    const leading = /^ */.exec(paragraph)?.[0] ?? '';
    let line = index === 0 ? leading : margin + leading;
    let begun = false;
    for (const [, gap = '', word = ''] of paragraph.matchAll(/( *)([^ ]+)/g)) {
      if (begun && columnsOf(line + gap + word) > width) {
        lines.push(line);
        line = margin + (index === 0 ? '' : leading) + word;
      } else line += begun ? gap + word : word;
      begun = true;
    }
    return [...lines, line];
  });
}

/** Returns the columns of the terminal. Without a terminal, lines are not broken, so that programs can read them. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(40, stream.columns || 80) : Number.POSITIVE_INFINITY;
}
