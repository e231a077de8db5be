import { z } from 'zod/mini';
import { Problem } from '../error.ts';
import type { UserConfig } from './define.ts';
import { nearest } from './nearest.ts';
import { schema } from './schema.ts';

/** The configuration, checked. What is wrong is told by its path, all of it at once, with the key that was probably meant. */
export function validate(data: unknown, file: string): UserConfig {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(key, issue.path))
      : [`${issue.path.join('.') || 'the configuration'}: ${wrongIn(issue)}`],
  );
  throw new Problem({
    message: `${file} is not a valid configuration:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    hint: 'Correct it and run again. Nothing was changed.',
  });
}

type Issue = z.core.$ZodIssue;

/** What an issue says of itself where a check of ours found it, and else what would have been right. */
function wrongIn(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${named[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at least ${issue.minimum}` : 'must not be empty';
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

const named: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  const meant = nearest(key, keysAt(path));
  const where = [...path, key].join('.');
  return meant
    ? `${where}: there is no such key; did you mean "${meant}"?`
    : `${where}: there is no such key; there are ${keysAt(path).join(', ')}`;
}

/** The keys that the schema has at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' });
  for (const part of path) at = typeof part === 'number' ? property(at, 'items') : property(property(at, 'properties'), String(part));
  const keys = property(at, 'properties');
  return typeof keys === 'object' && keys !== null ? Object.keys(keys) : [];
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
