import type { Sandbox } from './sandbox.ts';

/**
 * Returns the arguments with which `ssh` logs in to a sandbox as root, regardless of the user's own configuration. A command may follow.
 */
export function sshArguments(sandbox: Pick<Sandbox, 'address' | 'port' | 'user' | 'identity' | 'knownHosts'>): readonly string[] {
  const options = {
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: sandbox.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    PasswordAuthentication: 'no',
    ConnectTimeout: '10',
    ServerAliveInterval: '5',
    LogLevel: 'ERROR',
  };
  return [
    ...['-F', '/dev/null', '-i', sandbox.identity, '-p', String(sandbox.port)],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    `${sandbox.user}@${sandbox.address}`,
  ];
}
