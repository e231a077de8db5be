import { type Command, quote } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';
import { bundled } from './files.ts';

/**
 * A bundled file with its `{{places}}` filled. A place alone on its line disappears with it where its value is empty.
 * A place without a value, and a value without a place, are mistakes of the playbook and thrown as such.
 * `{{secret:name}}` stays: the host fills it.
 */
export function template(path: string, values: Readonly<Record<string, string | number>> = {}): string {
  const used = new Set<string>();
  const text = bundled(path).replace(
    /^([ \t]*)\{\{(\w+)\}\}[ \t]*\n|\{\{(\w+)\}\}/gm,
    (_, indent: string, alone?: string, inline?: string) => {
      const name = alone ?? inline ?? '';
      const value = values[name];
      if (value === undefined) throw new TypeError(`files/${path} wants {{${name}}}, and the playbook gives no such value`);
      used.add(name);
      if (alone === undefined) return String(value);
      return value === '' ? '' : `${String(value).replace(/^(?=.)/gm, indent)}\n`;
    },
  );
  const spare = Object.keys(values).find((name) => !used.has(name));
  if (spare) throw new TypeError(`files/${path} has no place for {{${spare}}}`);
  return text;
}

/** A bundled file of shell as a command, each of its places filled with a word that is quoted. */
export function shellTemplate(path: string, values: Readonly<Record<string, string>> = {}): Command {
  return shellText(template(path, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, quote(value)]))).trimEnd());
}
