/**
 * Returns whether a range of versions, as `engines` of a package.json has it, accepts the major version of a Debian package. A range that is
 * not understood is accepted.
 */
export function accepts(range: string | undefined, version: string): boolean {
  const major = Number(/^(?:\d+:)?(\d+)/.exec(version)?.[1]);
  return (
    range === undefined ||
    range.split('||').some((part) =>
      part
        .split(/\s+/)
        .filter(Boolean)
        .every((one) => holds(one, major)),
    )
  );
}

function holds(comparison: string, major: number): boolean {
  const [, operator = '', digits] = /^(>=|<=|>|<|=|\^|~)?v?(\d+)(?:\.[\dx*]+)*$/.exec(comparison) ?? [];
  if (digits === undefined) return true;
  const limit = Number(digits);
  switch (operator) {
    case '>=':
    case '>':
      return major >= limit;
    case '<=':
      return major <= limit;
    case '<':
      return /\.[1-9]/.test(comparison) ? major <= limit : major < limit;
    default:
      return major === limit;
  }
}
