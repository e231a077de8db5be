import type { Event } from '../../operations/event.ts';
import { paint } from './symbols.ts';

/** Returns the names of a site's variables, and where their values are. */
export function variableLines({ site, variables }: Extract<Event, { readonly event: 'variables' }>): readonly string[] {
  if (variables.length === 0) return [`${paint('bold', site)}  no variables of its own`];
  const width = Math.max(...variables.map(({ name }) => name.length));
  return [paint('bold', site), ...variables.map(({ name, from }) => `  ${name.padEnd(width)}  ${paint('dim', from)}`)];
}
