/** The names in a piece of shell: its commands, and the functions that it defines. */
export interface Calls {
  readonly called: ReadonlySet<string>;
  readonly defined: ReadonlySet<string>;
}

/** Returns the names in several pieces. */
export function together(pieces: readonly Calls[]): Calls {
  return {
    called: new Set(pieces.flatMap(({ called }) => [...called])),
    defined: new Set(pieces.flatMap(({ defined }) => [...defined])),
  };
}

const before = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{', 'time']);
const after = new Set(['fi', 'done', '}', 'in']);

/**
 * Reads POSIX `sh`, also a fragment of it, well enough to know its commands: quotes, comments, here-documents, substitutions, `case` and
 * `for`. We use no backticks. A word that is computed (`$client`) and one that is a path name nothing.
 */
export function callsOf(text: string): Calls {
  const called = new Set<string>();
  const defined = new Set<string>();
  let at = 0;
  let documents: { readonly end: string; readonly strip: boolean }[] = [];

  /** Reads commands up to what closes them, which it consumes: a bracket, or the end. */
  function commands(close: string): 'closed' | 'esac' | ';;' {
    let expecting = true;
    while (at < text.length) {
      const sign = text.charAt(at);
      if (sign === close) {
        at += 1;
        return 'closed';
      }
      if (sign === '\n') {
        at += 1;
        skipDocuments();
        expecting = true;
      } else if (/\s/.test(sign)) at += 1;
      else if (text.startsWith('\\\n', at)) at += 2;
      else if (sign === '#') skipTo('\n');
      else if (text.startsWith(';;', at)) {
        at += 2;
        return ';;';
      } else if (/[;&|)]/.test(sign)) {
        at += 1;
        expecting = sign !== ')';
      } else if (sign === '(') {
        at += 1;
        commands(')');
        expecting = false;
      } else if (/[<>]/.test(sign)) redirection();
      else {
        const word = readWord();
        if (/^\d+$/.test(word) && /[<>]/.test(text.charAt(at))) continue;
        if (!expecting) continue;
        if (text.startsWith('()', at)) {
          at += 2;
          defined.add(word);
        } else if (word === 'esac') return 'esac';
        else if (word === 'case') {
          skipBlanks();
          readWord();
          cases();
          expecting = false;
        } else if (word === 'for') {
          skipBlanks();
          readWord();
          expecting = false;
        } else if (!before.has(word) && !/^\w+=/.test(word)) {
          if (!after.has(word) && /^[A-Za-z_][\w.+-]*$|^\[$/.test(word)) called.add(word);
          expecting = false;
        }
      }
    }
    return 'closed';
  }

  function cases(): void {
    skipBlanks();
    readWord();
    for (;;) {
      skipBlanks();
      if (at >= text.length) return;
      if (/^esac\b/.test(text.slice(at, at + 5))) {
        at += 4;
        return;
      }
      // The pattern: words between `|`, up to the bracket.
      if (text.charAt(at) === '(') at += 1;
      while (at < text.length && text.charAt(at) !== ')')
        if (/[\s|]/.test(text.charAt(at))) at += 1;
        else readWord();
      at += 1;
      if (commands('') !== ';;') return;
    }
  }

  /** The word as it is written. A computed word contains a `$`. */
  function readWord(): string {
    const start = at;
    while (at < text.length) {
      const sign = text.charAt(at);
      if (/[\s;&|()<>]/.test(sign)) break;
      if (sign === '\\') at += 2;
      else if (sign === "'") skipQuoted();
      else if (sign === '"') {
        at += 1;
        until('"');
      } else if (sign === '$') expansion();
      else at += 1;
    }
    // Skip a character that cannot be in a word; otherwise the reading would never advance.
    if (at === start) at += 1;
    return text.slice(start, at);
  }

  function expansion(): void {
    if (text.startsWith('$((', at)) {
      at += 3;
      until(')');
      at += 1;
    } else if (text.startsWith('$(', at)) {
      at += 2;
      commands(')');
    } else if (text.startsWith('${', at)) {
      at += 2;
      until('}');
    } else at += 1;
  }

  /** Reads text in which only expansions count, up to what closes it. */
  function until(close: string): void {
    for (let depth = 0; at < text.length; ) {
      const sign = text.charAt(at);
      if (sign === close && depth === 0) {
        at += 1;
        return;
      }
      if (sign === '\\') at += 2;
      else if (sign === '$') expansion();
      else if (sign === '"' && close !== '"') {
        at += 1;
        until('"');
      } else {
        if (close === ')' && /[()]/.test(sign)) depth += sign === '(' ? 1 : -1;
        at += 1;
      }
    }
  }

  function redirection(): void {
    const [operator = ''] = /^(<<-?|<>|>>|[<>]&|>\||[<>])/.exec(text.slice(at, at + 3)) ?? [];
    at += operator.length;
    skipBlanks();
    const target = readWord();
    if (operator.startsWith('<<')) documents.push({ end: target.replaceAll(/['"\\]/g, ''), strip: operator === '<<-' });
  }

  function skipDocuments(): void {
    for (const { end, strip } of documents) {
      while (at < text.length) {
        const stop = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
        const line = text.slice(at, stop);
        at = stop + 1;
        if ((strip ? line.trimStart() : line) === end) break;
      }
    }
    documents = [];
  }

  function skipQuoted(): void {
    at = text.indexOf("'", at + 1);
    at = at === -1 ? text.length : at + 1;
  }

  function skipTo(end: string): void {
    at = text.indexOf(end, at);
    if (at === -1) at = text.length;
  }

  function skipBlanks(): void {
    while (at < text.length) {
      if (/\s/.test(text.charAt(at))) at += 1;
      else if (text.startsWith('\\\n', at)) at += 2;
      else if (text.charAt(at) === '#') skipTo('\n');
      else return;
    }
  }

  while (at < text.length) commands('');
  return { called, defined };
}
