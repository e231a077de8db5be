import { describe, expect, test } from 'vitest';
import { callsOf } from './calls.ts';

describe('the commands of a piece of shell', () => {
  test.each([
    ['one after another', 'a; b && c || d | e\nf & g', 'a b c d e f g'],
    ['not their arguments', 'a b --c "d e" f=g', 'a'],
    ['after assignments', "A= B='c d' E=$(f) g", 'f g'],
    ['in conditions and loops', 'if a; then b; elif ! c; then d; else e; fi; while f; do g; done', 'a b c d e f g'],
    ['in loops', 'for a in b c; do d "$a"; done; for e; do f; done', 'd f'],
    ['in cases', 'case $(a) in b | "c d") e ;; *) f; case g in h) i ;; esac ;; esac; j', 'a e f i j'],
    ['in groups and subshells', '( a; { b; } ) | { c; }', 'a b c'],
    ['in substitutions', 'a "$(b "$(c)")" ${D:+"$(e)"} $((1 + $(g)))', 'a b c e g'],
    ['not redirections', 'a >b 2>&1 <c >>"$(d)" && e <<F\nnone $(none)\nF\ng', 'a d e g'],
    ['not comments and quotes', 'a \'b; c\' # d\n# e\n"f" g\nh \\\n  i', 'a h'],
    ['not a computed word or a path', '$limit a; "$b" c; /bin/d e', ''],
    ['fragments', '( a', 'a'],
    ['fragments that end what others began', ') && b; fi', 'b'],
  ])('%s', (_, text, expected) => {
    expect([...callsOf(text).called].join(' ')).toBe(expected);
  });

  test('and the functions that it defines', () => {
    const { called, defined } = callsOf('a() {\n  b\n}\n\nc() (\n  d\n)\n');
    expect([[...defined], [...called]]).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });
});
