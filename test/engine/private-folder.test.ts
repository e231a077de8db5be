import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { privateFolder } from '../../src/engine/run-libraries.ts';
import { definitionsOf } from '../../src/engine/shell-library.ts';

/** How a reader's shell may end. The last one is that the client disconnects while the reader prints. */
const endings = ['', 'exit 3', 'kill -HUP $$', 'kill -TERM $$', 'exec 1>&-; kill -PIPE $$; echo more'];

test.skipIf(process.getuid?.() !== 0).each(endings)('the private folder of a reader is removed at its end: %s', (ending) => {
  const script = `${definitionsOf([privateFolder]).text}\nprivate_folder\nprintf secret >"$private/1"\nls -d "$private" >&2\n${ending}\n`;
  const { stderr } = spawnSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8' });
  const folder = stderr.split('\n')[0] ?? '';
  expect(folder).toMatch(/^\/run\/foobar-provision-read\./);
  expect(existsSync(folder)).toBe(false);
});
