import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Mask } from '../../src/config/mask.ts';
import { urlReplacer } from '../../src/database/replace-urls.ts';
import { rewriteDump } from '../../src/database/rewrite-dump.ts';

const replacer = urlReplacer({ from: ['shop.test'], to: { name: 'new.test', scheme: 'http' } });

/** Rewrites a dump that arrives in pieces of this many bytes. */
async function rewritten(dump: string, masks: Readonly<Record<string, Mask>>, size = 7): Promise<string> {
  const bytes = Buffer.from(dump);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
  const stream = rewriteDump({ masks: new Map(Object.entries(masks)), replacer });
  return text(Readable.from(pieces).compose(stream) as Readable);
}

const schema = "CREATE TABLE `users` (\n  `email` varchar(9) DEFAULT 'http://shop.test'\n);\n";

test.each<readonly [string, Readonly<Record<string, Mask>>, string, string | RegExp]>([
  [
    'no other value',
    {},
    "INSERT INTO `a` (`b`) VALUES (1,'x','it\\'s'),(NULL,0xFF,'');\n",
    "INSERT INTO `a` (`b`) VALUES (1,'x','it\\'s'),(NULL,0xFF,'');\n",
  ],
  [
    'an address',
    {},
    "INSERT INTO `a` (`b`, `c`) VALUES\n(1,'http://shop.test/\\n'),\n(2,'b');\n",
    "INSERT INTO `a` (`b`, `c`) VALUES\n(1,'http://new.test/\\n'),\n(2,'b');\n",
  ],
  [
    'the length of a serialized value with quotes',
    {},
    `INSERT INTO \`o\` (\`v\`) VALUES ('s:16:\\"http://shop.test\\";');\n`,
    `INSERT INTO \`o\` (\`v\`) VALUES ('s:15:\\"http://new.test\\";');\n`,
  ],
  [
    'a masked column and no other',
    { 'users.email': 'email', 'users.name': { value: "O'x" }, 'users.age': 'null' },
    "INSERT INTO `users` (`id`, `email`, `name`, `age`) VALUES (1,'Me@Shop.test','Jürgen, (he)',30),(2,'me@shop.test','',NULL),(3,NULL,NULL,4);\n",
    /^INSERT INTO `users` \(`id`, `email`, `name`, `age`\) VALUES \(1,'(user-[0-9a-f]{12}@example\.invalid)','O\\'x',NULL\),\(2,'\1','',NULL\),\(3,NULL,NULL,NULL\);\n$/,
  ],
  [
    'letters of several bytes',
    { 'a.b': 'text' },
    "INSERT INTO `a` (`b`, `c`) VALUES ('Zoë K.\\n','Zoë');\n",
    "INSERT INTO `a` (`b`, `c`) VALUES ('xxx x.\\n','Zoë');\n",
  ],
  ['a number', { 'a.b': 'hash' }, 'INSERT INTO `a` (`b`) VALUES (42);\n', /^INSERT INTO `a` \(`b`\) VALUES \('[0-9a-f]{16}'\);\n$/],
  ['a name with a backtick', { 'a`b.c': 'empty' }, "INSERT INTO `a``b` (`c`) VALUES ('x');\n", "INSERT INTO `a``b` (`c`) VALUES ('');\n"],
])('a copy changes %s', async (_, masks, statement, expected) => {
  for (const size of [1, 7, 10_000]) {
    const result = await rewritten(`${schema}${statement}-- end`, masks, size);
    expect(result.startsWith(schema)).toBe(true);
    expect(result.endsWith('-- end')).toBe(true);
    const changed = result.slice(schema.length, -'-- end'.length);
    if (typeof expected === 'string') expect(changed).toBe(expected);
    else expect(changed).toMatch(expected);
  }
});

test.each([
  ["INSERT INTO `users` VALUES (1,'x');\n", 'no columns'],
  ["INSERT INTO users (email) VALUES ('x');\n", 'another notation'],
  ["INSERT INTO `users` (`email`) VALUES ('x','y');\n", 'more values than columns'],
  ["INSERT INTO `users` (`email`) VALUES ('x\n", 'a text that does not end'],
])('fails rather than pass on what it cannot read (%#): %s', async (statement) => {
  await expect(rewritten(statement, { 'users.email': 'email' }, 10_000)).rejects.toThrow('could not be parsed, so nothing was copied');
});
