import { sh } from '../../command/command.ts';
import type { Examined } from '../../operations/event.ts';
import type { Restrictions, Transport } from '../../transport/transport.ts';

/** Tries what a run needs of the SSH server: two commands beside the session, and a stream. Nothing listens on the stream's port. */
export async function meetRestrictions(transport: Transport): Promise<Restrictions> {
  await Promise.all([transport.run(sh`:`, { timeout: 60 }), transport.run(sh`:`, { timeout: 60 })]);
  await transport.open({ port: 1 }).then(
    (stream) => stream.destroy(),
    () => undefined,
  );
  return transport.restrictions;
}

export function judgeServer({ fewSessions, noForwarding }: Restrictions): readonly Examined[] {
  const limits = [
    ...(fewSessions ? ['allows few commands per connection (MaxSessions), so more connections are made'] : []),
    ...(noForwarding ? ['forwards nothing (AllowTcpForwarding), so a process on the host carries each stream'] : []),
  ];
  if (limits.length === 0) return [{ name: 'sshd', state: 'ok', detail: 'no restrictions' }];
  return [
    {
      name: 'sshd',
      state: 'warning',
      detail: limits.join('; '),
      hint: 'Everything works, a little slower. Its settings: sshd -T | grep -iE "maxsessions|forwarding"',
    },
  ];
}
