import type { Tunnel } from '../../operations/event.ts';

/** Returns how to connect through a tunnel, as a person enters it into a client. */
export function tunnelLines({ address, port, user, database, passwordCommand }: Tunnel): readonly string[] {
  const values = { host: address, port: String(port), user, database, password: passwordCommand };
  return [
    ...Object.entries(values).map(([name, value]) => `  ${name.padEnd(10)}${value}`),
    'The password is what that command prints. Ctrl-C closes the tunnel and removes this user.',
  ];
}
