/** The reasons why sshd did not open a channel, by ssh2's `reason` from RFC 4254, section 5.1. */
const channelCodes = new Map<unknown, string>([
  [1, 'prohibited'],
  [2, 'unconnected'],
]);

/** Returns the `code` of an error from Node or mysql2, or the meaning of ssh2's `reason`, or that of the error's cause. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return ('reason' in error ? channelCodes.get(error.reason) : undefined) ?? codeOf(error.cause);
}
