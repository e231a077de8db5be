import { get } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a host's port, 80 where none is given, by an address and a name of its own choice; undefined where no whole answer came. (`fetch`
 * sends no `Host` but the address's.)
 */
export async function ask(address: string, name: string, path = '/', port = 80): Promise<Asked | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: address, port, path, headers: { Host: name }, agent: false, timeout: 5000 }, (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode ?? 0, body }),
        () => resolve(undefined),
      );
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
