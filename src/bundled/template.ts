import { type Command, quote } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';
import { bundled } from './files.ts';

/**
 * Returns a bundled file with the values of its `{{placeholders}}`. A line with only a placeholder is removed if the value is empty.
 * Throws a TypeError for a placeholder without a value and for a value without a placeholder, which are mistakes of the playbook.
 * Leaves `{{secret:name}}` for the host to fill in.
 */
export function template(path: string, values: Readonly<Record<string, string | number>> = {}): string {
  const used = new Set<string>();
  const text = bundled(path).replace(
    /^([ \t]*)\{\{(\w+)\}\}[ \t]*\n|\{\{(\w+)\}\}/gm,
    (_, indent: string, alone?: string, inline?: string) => {
      const name = alone ?? inline ?? '';
      const value = values[name];
      if (value === undefined) throw new TypeError(`files/${path} has the placeholder {{${name}}}, but the playbook gives no such value`);
      used.add(name);
      if (alone === undefined) return String(value);
      return value === '' ? '' : `${String(value).replace(/^(?=.)/gm, indent)}\n`;
    },
  );
  const unused = Object.keys(values).find((name) => !used.has(name));
  if (unused) throw new TypeError(`files/${path} has no placeholder {{${unused}}}`);
  return text;
}

/** Returns a bundled shell file as a command, with a quoted word for each placeholder. */
export function shellTemplate(path: string, values: Readonly<Record<string, string>> = {}): Command {
  return shellText(template(path, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, quote(value)]))).trimEnd());
}
