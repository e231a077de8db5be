import { Problem } from '../error.ts';
import type { Invocation } from './invocation.ts';

/** Returns the id of a backup that was named. Throws a Problem if the words of the command have another form. */
export function idOf({ words }: Invocation): string | undefined {
  const [verb, id, ...more] = words;
  const takesId = verb === 'restore' || verb === 'drill';
  const unexpected = takesId ? more[0] : id;
  if (unexpected !== undefined)
    throw new Problem({
      message: `Unexpected word "${unexpected}".`,
      hint: 'foobar-provision backup [TARGET] now|list|restore [ID]|drill [ID]|schedule',
    });
  if (takesId && id !== undefined && !/^[0-9a-f]{4,64}$/.test(id))
    throw new Problem({ message: `"${id}" is not the id of a backup.`, hint: 'See the ids: foobar-provision backup list' });
  return id;
}
