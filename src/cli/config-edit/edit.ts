import { extname } from 'node:path';
import { insertion, removal } from './places.ts';
import { type Property, readTree, type Tree, type Value } from './read-tree.ts';
import { literalIn, propertyText } from './write-value.ts';

/** A key of a configuration, such as `['php', 'version']`, and the text that it is to have; undefined to leave it out. */
export interface Change {
  readonly path: readonly string[];
  readonly value: string | undefined;
}

/** A change that cannot be made, because the value there is not written as a literal. */
export interface Unmade extends Change {
  /** The line of the value, counted from 1. */
  readonly line: number;
}

export interface Edited {
  readonly text: string;
  readonly made: readonly Change[];
  readonly unmade: readonly Unmade[];
}

/**
 * Makes the changes in the text of a configuration, and leaves everything else as it is: comments, the order of the keys, and the formatting.
 * Resolves to undefined if the text does not export an object in braces.
 */
export async function edit(text: string, file: string, changes: readonly Change[]): Promise<Edited | undefined> {
  let edited: Edited = { text, made: [], unmade: [] };
  for (const change of changes) {
    const tree = await readTree(edited.text, file);
    if (!tree) return undefined;
    const place = findPlace(tree, change.path);
    if (place.kind === 'computed') {
      const line = edited.text.slice(0, place.at).split('\n').length;
      edited = { ...edited, unmade: [...edited.unmade, { ...change, line }] };
    } else {
      const next = changed(edited.text, tree, place, change, extname(file) === '.json');
      if (next !== edited.text) edited = { ...edited, text: next, made: [...edited.made, change] };
    }
  }
  return edited;
}

type ObjectValue = Value & { readonly kind: 'object' };

/** What a path leads to: an existing text, or the innermost existing object and the part of the path that it lacks. */
type Place =
  | { readonly kind: 'text'; readonly value: Value & { readonly kind: 'text' }; readonly chain: readonly Step[] }
  | { readonly kind: 'object'; readonly value: ObjectValue; readonly missing: readonly string[] }
  /** The value there, or something around it, is computed. */
  | { readonly kind: 'computed'; readonly at: number };

/** A property, and the object that it is in. */
interface Step {
  readonly object: ObjectValue;
  readonly property: Property;
}

function findPlace({ root }: Tree, path: readonly string[]): Place {
  const chain: Step[] = [];
  let object: ObjectValue = root;
  for (const [index, name] of path.entries()) {
    // The last one counts, and what is spread after it counts more.
    const property = object.properties.findLast((each) => each.name === name);
    if (!property) return { kind: 'object', value: object, missing: path.slice(index) };
    const { value, start } = property;
    const spread = object.spreads.find((each) => each.start > start);
    if (spread) return { kind: 'computed', at: spread.start };
    chain.push({ object, property });
    const isLast = index === path.length - 1;
    if (isLast && value.kind === 'text') return { kind: 'text', value, chain };
    if (isLast || value.kind !== 'object') return { kind: 'computed', at: start };
    object = value;
  }
  throw new RangeError('a change has a path');
}

function changed(text: string, tree: Tree, place: Exclude<Place, { kind: 'computed' }>, { value }: Change, isJson: boolean): string {
  if (place.kind === 'object') {
    if (value === undefined) return text;
    return insertion(text, tree, place.value, propertyText(place.missing, value, isJson), isJson);
  }
  if (value === undefined) return removal(text, tree, outermostAlone(place.chain), isJson);
  if (place.value.text === value) return text;
  return text.slice(0, place.value.start) + literalIn(text.slice(place.value.start, place.value.end), value) + text.slice(place.value.end);
}

/** Returns the outermost property that has nothing else in it. */
function outermostAlone(chain: readonly Step[]): Step {
  const alone = chain.findIndex((_, index) =>
    chain.slice(index + 1).every(({ object }) => object.properties.length + object.spreads.length === 1),
  );
  const step = chain[alone] ?? chain.at(-1);
  if (!step) throw new RangeError('a text is in a property');
  return step;
}
