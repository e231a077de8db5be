/** Why sshd opened no channel: ssh2's `reason`, from RFC 4254, section 5.1. */
const channelCodes = new Map<unknown, string>([
  [1, 'prohibited'],
  [2, 'unconnected'],
]);

/** The `code` that Node and mysql2 put on their errors, or what ssh2's `reason` stands for, or that of the error behind this one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return ('reason' in error ? channelCodes.get(error.reason) : undefined) ?? codeOf(error.cause);
}
