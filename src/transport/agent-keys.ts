import ssh2, { type ParsedKey, type SigningRequestOptions } from 'ssh2';

/** A key that can be offered to a host, from an agent or a file. */
export interface OfferedKey {
  /** The public key's bytes in base64. Two keys with the same id are the same key. */
  readonly id: string;
  /** Names the key's origin in messages. */
  readonly label: string;
  readonly bytes: Buffer;
  /** Resolves to undefined if the agent or the user refuses to sign. `hash` is for RSA keys, e.g. `sha512`. */
  readonly sign: (data: Buffer, hash?: string) => Promise<Buffer | undefined>;
}

/** An agent that does not answer in this time is ignored. */
const agentTimeoutMs = 5000;

/** Returns the agent's keys that ssh2 can use. If the agent does not answer, returns none, as OpenSSH does. */
export async function agentKeys(socket: string): Promise<readonly OfferedKey[]> {
  const agent = ssh2.createAgent(socket);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), agentTimeoutMs);
    agent.getIdentities((_error, keys) => {
      clearTimeout(timer);
      resolve(
        (keys ?? []).flatMap((key) => {
          // Skip keys that ssh2 cannot read, such as FIDO keys and certificates.
          if (typeof key === 'string' || !('getPublicSSH' in key)) return [];
          const bytes = key.getPublicSSH();
          return {
            id: bytes.toString('base64'),
            label: `${key.comment || key.type} (agent)`,
            bytes,
            sign: (data, hash) => sign(key, data, hash),
          };
        }),
      );
    });
  });

  function sign(key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer | undefined> {
    const options: SigningRequestOptions = hash === 'sha256' || hash === 'sha512' ? { hash } : {};
    return new Promise((resolve) => {
      agent.sign(key, data, options, (error, signature) => resolve(error ? undefined : signature));
    });
  }
}
