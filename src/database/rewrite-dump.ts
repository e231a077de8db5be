import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import type { Mask } from '../config/mask.ts';
import { Problem } from '../error.ts';
import { masked } from './mask.ts';
import type { Replacer } from './replace-urls.ts';

export interface Rewriting {
  /** The masks, by `table.column`. */
  readonly masks: ReadonlyMap<string, Mask>;
  readonly replacer?: Replacer | undefined;
}

/**
 * Returns a stream that rewrites the values in a dump that was made with --complete-insert. mysqldump and mariadb-dump write a line break in
 * a value as `\n`, so each line contains whole rows. The stream fails if it cannot parse an INSERT statement that it has to rewrite, so that no
 * personal data passes unmasked.
 */
export function rewriteDump({ masks, replacer }: Rewriting): Transform {
  const key = randomBytes(32);
  const maskedTables = new Set([...masks.keys()].map((name) => name.slice(0, name.lastIndexOf('.'))));
  let rest: Buffer[] = [];
  /** The change to each column of the current statement, which may continue on the next line. */
  let columns: readonly Change[] | undefined;
  let isMasked = false;

  const rewrite = (line: Buffer): Buffer => {
    const isStart = line.subarray(0, 12).equals(insert);
    if (!isStart && columns === undefined) return line;
    const text = line.toString('latin1');
    let start = 0;
    if (isStart) {
      const head = headOf(text);
      if (!head) throw unreadable(text);
      if (maskedTables.has(head.table) && head.columns.length === 0) throw unreadable(text);
      isMasked = maskedTables.has(head.table);
      columns = head.columns.map((column) => changeOf(masks.get(`${head.table}.${column}`), replacer, key));
      start = head.end;
    }
    const changes = columns ?? [];
    if (/;\s*$/.test(text)) columns = undefined;
    if (!isMasked && !replacer?.concerns(text)) return line;
    return Buffer.from(text.slice(0, start) + rewriteRows(text, start, changes), 'latin1');
  };

  return new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        let from = 0;
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
          rest.push(chunk.subarray(from, end + 1));
          this.push(rewrite(rest.length === 1 && rest[0] ? rest[0] : Buffer.concat(rest)));
          rest = [];
          from = end + 1;
        }
        if (from < chunk.length) rest.push(chunk.subarray(from));
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    flush(done) {
      if (rest.length > 0) this.push(Buffer.concat(rest));
      done();
    },
  });
}

const insert = Buffer.from('INSERT INTO ');

/** Returns the new text of a value in the dump. `token` is its current text, with quotes and escapes. Undefined if the value does not change. */
type Change = ((token: string) => string) | undefined;

function changeOf(mask: Mask | undefined, replacer: Replacer | undefined, key: Buffer): Change {
  if (mask !== undefined)
    return (token) => {
      const value = masked(mask, plainValue(token), key);
      return value === null ? 'NULL' : tokenOf(Buffer.from(value, 'utf8').toString('latin1'));
    };
  if (!replacer) return undefined;
  return (token) => {
    if (token[0] !== "'") return token;
    const value = unescaped(token);
    const replaced = replacer.replace(value);
    return replaced === value ? token : tokenOf(replaced);
  };
}

/** Parses the table and the columns of an INSERT statement. `end` is the offset at which its rows begin. */
function headOf(text: string): { readonly table: string; readonly columns: readonly string[]; readonly end: number } | undefined {
  const found = /^INSERT INTO (`(?:[^`]|``)+`)(?: \(((?:`(?:[^`]|``)+`(?:, ?)?)+)\))? VALUES\s*/.exec(text);
  if (!found) return undefined;
  const [head, table = '', list = ''] = found;
  const columns = (list.match(/`(?:[^`]|``)+`/g) ?? []).map(nameOf);
  return { table: nameOf(table), columns, end: head.length };
}

function nameOf(quoted: string): string {
  return Buffer.from(quoted.slice(1, -1).replaceAll('``', '`'), 'latin1').toString('utf8');
}

/** Returns the rows of a line, from the offset `from`, with their values changed. */
function rewriteRows(text: string, from: number, changes: readonly Change[]): string {
  const parts: string[] = [];
  let copied = from;
  let column = -1;
  let at = from;
  while (at < text.length) {
    const sign = text[at];
    if (column < 0) {
      if (sign === '(') column = 0;
      at += 1;
      continue;
    }
    if (sign === ',') column += 1;
    if (sign === ')') column = -1;
    if (sign === ',' || sign === ')') {
      at += 1;
      continue;
    }
    const end = endOfValue(text, at);
    const change = changes[column];
    if (column >= changes.length) throw unreadable(text);
    if (change) {
      const token = text.slice(at, end);
      const changed = change(token);
      if (changed !== token) {
        parts.push(text.slice(copied, at), changed);
        copied = end;
      }
    }
    at = end;
  }
  return parts.join('') + text.slice(copied);
}

/** Returns the offset at which a value ends: at the next comma or closing parenthesis outside quotes. */
function endOfValue(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 44 || code === 41) return at;
    at = code === 39 ? endOfString(text, at) : at + 1;
  }
  throw unreadable(text);
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === 39) {
      if (text.charCodeAt(at + 1) !== 39) return at + 1;
      at += 1;
    }
  }
  throw unreadable(text);
}

const escapes: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r', t: '\t', b: '\b', Z: '\x1a' };

function unescaped(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(/\\([\s\S])|''/g, (all, sign: string | undefined) => (sign === undefined ? all[0] : (escapes[sign] ?? sign)) ?? '');
}

const written: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\x1a': '\\Z',
};

function tokenOf(value: string): string {
  return `'${value.replaceAll(/[\0\n\r\\'"\x1a]/g, (sign) => written[sign] ?? sign)}'`;
}

/** Returns the value to mask: a string without quotes and escapes, a number as it is written, or null for NULL. */
function plainValue(token: string): string | null {
  if (token === 'NULL') return null;
  return token[0] === "'" ? unescaped(token) : token;
}

function unreadable(text: string): Problem {
  return new Problem({
    message: `A line of the dump could not be parsed, so nothing was copied: ${text.slice(0, 80)}…`,
    hint: 'The dump program on the source host wrote a statement of an unknown form. The target still has its old data.',
  });
}
