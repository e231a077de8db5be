import { startPublisher, stopPublisher } from './publication.ts';
import { publishVerb } from './publish.ts';
import { requireState, writeState } from './state.ts';

/** Forwards a URL on this machine's loopback to the site of a running sandbox, and returns the URL. Replaces the site that was forwarded before. */
export async function publishAs(name: string, domain: string): Promise<string> {
  const state = await requireState(name);
  if (state.publish) await stopPublisher(name, state.publish);
  const wanted = { ...state, publish: { domain, spawnSelf: [process.argv[1] ?? '', publishVerb] } };
  // The publisher reads the domain there.
  await writeState(wanted);
  const publish = await startPublisher(name, wanted.publish);
  await writeState({ ...wanted, publish });
  return `http://127.0.0.1:${publish.port}/`;
}
