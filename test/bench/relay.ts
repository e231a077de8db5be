import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/index.ts';

/** A loopback address of the relays' own, so that the far host's port numbers can stay. */
const slow = '127.0.0.77';

/**
 * The host as it is seen at the end of a line of that round trip, in milliseconds, by SSH and by HTTP; `end` takes the line away. `folder`
 * is for what is known of it.
 */
export async function faraway(
  host: Sandbox,
  folder: string,
  roundTrip: number,
): Promise<{ readonly host: Sandbox; readonly end: () => void }> {
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, (await readFile(host.knownHosts, 'utf8')).replaceAll(/^\S+/gm, slow));
  const relays = await Promise.all([22, 80].map((port) => relay(host.address, port, roundTrip)));
  return {
    host: { ...host, address: slow, knownHosts },
    end: () => {
      for (const each of relays) each.close();
    },
  };
}

/** A TCP relay that holds every chunk back for half of `roundTrip` milliseconds on its way, as a long line does. */
async function relay(address: string, port: number, roundTrip: number): Promise<Server> {
  const server = createServer((near) => {
    const far = connect({ host: address, port, noDelay: true });
    near.setNoDelay(true);
    delayed(near, far, roundTrip / 2);
    delayed(far, near, roundTrip / 2);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, slow, () => resolve(server));
  });
}

function delayed(from: Socket, to: Socket, ms: number): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), ms));
  from.on('end', () => setTimeout(() => to.end(), ms));
  from.on('error', () => to.destroy());
}
