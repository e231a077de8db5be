import { connect, createServer, type Server, type Socket } from 'node:net';

/** A loopback address of the relays' own, so that the far host's port numbers can stay. */
export const slow = '127.0.0.77';

/** A TCP relay that holds every chunk back for half of `roundTrip` milliseconds on its way, as a long line does. */
export async function relay(address: string, port: number, roundTrip: number): Promise<Server> {
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
