import ssh2, { type ParsedKey, type SigningRequestOptions } from 'ssh2';

/** A key that can be offered to a host, whoever holds it. */
export interface OfferedKey {
  /** The public key's bytes in base64: two keys are the same where these are. */
  readonly id: string;
  /** Where it comes from, for messages. */
  readonly label: string;
  readonly bytes: Buffer;
  /** Undefined where its holder would not sign. `hash` is for RSA keys, e.g. `sha512`. */
  readonly sign: (data: Buffer, hash?: string) => Promise<Buffer | undefined>;
}

/** Milliseconds; an agent that hangs is one that is not there. */
const patience = 5000;

/** What an agent holds and ssh2 can use; nothing where the agent does not answer, as OpenSSH has it. */
export async function agentKeys(socket: string): Promise<readonly OfferedKey[]> {
  const agent = ssh2.createAgent(socket);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), patience);
    agent.getIdentities((_error, keys) => {
      clearTimeout(timer);
      resolve(
        (keys ?? []).flatMap((key) => {
          // Keys that ssh2 cannot read (FIDO ones, certificates) are not among them.
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
