import { z } from 'zod/mini';
import { Problem } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { UserConfig } from './define.ts';
import { schema } from './schema.ts';

/**
 * Returns the configuration after checking it. Throws a Problem that lists all errors, each with its path, and for an unknown key the most
 * similar known one.
 */
export function validate(data: unknown, file: string): UserConfig {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.flatMap((issue) => linesOf(issue, []));
  throw new Problem({
    message: `${file} is not a valid configuration:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    hint: 'Correct it and run again.',
  });
}

type Issue = z.core.$ZodIssue;

/** Returns one line for each error of an issue. `above` is the path of the value that contains it. */
function linesOf(issue: Issue, above: readonly PropertyKey[]): readonly string[] {
  const path = [...above, ...issue.path];
  const meant = issue.code === 'invalid_union' ? issue.errors.find((issues) => issues.every(isInside)) : undefined;
  if (meant) return meant.flatMap((inner) => linesOf(inner, path));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path));
  return [`${path.join('.') || 'the configuration'}: ${wrongIn(issue)}${otherKey(issue, path)}`];
}

/** Hints for keys that are easily confused: the key that may have been meant, and its purpose. */
const others: Readonly<Record<string, string>> = {
  'web.proxy': 'web.proxies names proxies in front of the host',
  'web.proxies': 'web.proxy passes addresses to programs on the host',
  'web.cache': 'cache gives the application a cache in memory',
  cache: "web.cache caches PHP's responses",
  'host.limits': 'limits says what one request may use',
  limits: 'host.limits switches the limits of the host itself',
  server: 'servers names several hosts by role',
};

/** Returns a hint at the key that was perhaps meant, if the value of a key is of the wrong type. */
function otherKey({ code }: Issue, path: readonly PropertyKey[]): string {
  if (code !== 'invalid_type' && code !== 'invalid_union') return '';
  const key = path.join('.').replace(/^sites\.\d+\./, '');
  const hint = others[key];
  return hint === undefined ? '' : ` (${hint})`;
}

/** Returns whether an issue is inside a value. In a union, the intended form has only such errors; the other forms have the wrong type. */
function isInside({ path, code }: Issue): boolean {
  return path.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

/** Returns the message of our own check, or else says what is valid. */
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

/** Returns the keys that the schema has at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' });
  for (const part of path) at = typeof part === 'number' ? property(at, 'items') : property(propertiesOf(at), String(part));
  const keys = propertiesOf(at);
  return typeof keys === 'object' && keys !== null ? Object.keys(keys) : [];
}

/** Returns the properties of an object, even if it is one of several forms. */
function propertiesOf(schemaOf: unknown): unknown {
  const forms = property(schemaOf, 'anyOf');
  const form = Array.isArray(forms) ? forms.find((each: unknown) => property(each, 'properties') !== undefined) : schemaOf;
  return property(form, 'properties');
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
