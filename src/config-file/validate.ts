import { z } from 'zod/mini';
import { Problem } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { UserConfig } from './define.ts';
import { schema } from './schema.ts';

/** The configuration, checked. What is wrong is told by its path, all of it at once, with the key that was probably meant. */
export function validate(data: unknown, file: string): UserConfig {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.flatMap((issue) => told(issue, []));
  throw new Problem({
    message: `${file} is not a valid configuration:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    hint: 'Correct it and run again.',
  });
}

type Issue = z.core.$ZodIssue;

/** An issue, a line for each thing that is wrong. `above` is the path of what holds it. */
function told(issue: Issue, above: readonly PropertyKey[]): readonly string[] {
  const path = [...above, ...issue.path];
  const meant = issue.code === 'invalid_union' ? issue.errors.find((issues) => issues.every(isInside)) : undefined;
  if (meant) return meant.flatMap((inner) => told(inner, path));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path));
  return [`${path.join('.') || 'the configuration'}: ${wrongIn(issue)}`];
}

/** Of several forms, the one that was meant is wrong in a part, or in its parts together; the others are wrong in kind. */
function isInside({ path, code }: Issue): boolean {
  return path.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

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
    case 'invalid_union':
      return `must be ${issue.errors.flatMap(([first]) => (first ? [wrongIn(first).replace(/^must be /, '')] : [])).join(', or ')}`;
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
  return meant ? `${where}: unknown key; did you mean "${meant}"?` : `${where}: unknown key; the keys are ${keysAt(path).join(', ')}`;
}

/** The keys that the schema has at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' });
  for (const part of path) at = typeof part === 'number' ? property(at, 'items') : property(propertiesOf(at), String(part));
  const keys = propertiesOf(at);
  return typeof keys === 'object' && keys !== null ? Object.keys(keys) : [];
}

/** The properties of an object, also where it is one of several forms. */
function propertiesOf(schemaOf: unknown): unknown {
  const forms = property(schemaOf, 'anyOf');
  const form = Array.isArray(forms) ? forms.find((each: unknown) => property(each, 'properties') !== undefined) : schemaOf;
  return property(form, 'properties');
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
