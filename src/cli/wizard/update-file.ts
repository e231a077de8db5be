import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { messageOf, Problem } from '../../error.ts';
import { type Change, edit, type Unmade } from '../config-edit/edit.ts';
import { literal } from '../config-edit/write-value.ts';

/** Returns whether the wizard can edit a configuration file: whether it exports an object in braces. */
export async function isEditable(file: string): Promise<boolean> {
  return (await edit(await textOf(file), file, [{ path: ['server'], value: undefined }])) !== undefined;
}

/**
 * Makes the changes in a configuration file, which has either its old or its new text at any moment. Resolves to sentences about what was
 * changed, and about what the user has to change because it is computed there.
 */
export async function updateFile(file: string, changes: readonly Change[]): Promise<readonly string[]> {
  const text = await textOf(file);
  const edited = await edit(text, file, changes);
  if (!edited) throw new Problem({ message: `${file} no longer exports an object in braces, so nothing was changed in it.` });
  if (edited.text !== text) await replace(file, edited.text);
  const names = edited.made.map(({ path, value }) => `${path.join('.')}${value === undefined ? ' (removed)' : ''}`);
  return [
    names.length === 0 ? `${file} is unchanged.` : `Changed in ${file}: ${names.join(', ')}. Everything else is as it was.`,
    ...edited.unmade.map((change) => leftToUser(file, change)),
  ];
}

function leftToUser(file: string, { path, value, line }: Unmade): string {
  const name = path.join('.');
  const todo = value === undefined ? `remove ${name}` : `set ${name} to ${literal(value)}`;
  return `Not changed: ${name}, which is not a plain value in ${file}, line ${line}. Edit it there: ${todo}.`;
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
}

/** Replaces the content of a file by a rename. The file keeps its mode, and a symbolic link to it stays. */
async function replace(file: string, text: string): Promise<void> {
  const path = await realpath(file);
  const staged = `${path}.${process.pid}.new`;
  try {
    const { mode } = await stat(path);
    const output = await open(staged, 'wx', mode & 0o777);
    try {
      await output.writeFile(text);
      await output.chmod(mode & 0o777);
      await output.sync();
    } finally {
      await output.close();
    }
    await rename(staged, path);
  } catch (cause) {
    await rm(staged, { force: true });
    throw new Problem({ message: `${file} cannot be written: ${messageOf(cause)}.`, hint: 'It has its old content.', cause });
  }
}
