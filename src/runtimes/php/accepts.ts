/**
 * Returns whether a version constraint, as composer.json has it for `php`, accepts a version such as `8.4`. The last number of a version is not
 * known before PHP is installed, so it never excludes one. A constraint that is not understood is accepted. The notation is Composer's
 * (getcomposer.org/doc/articles/versions.md).
 */
export function acceptsPhp(constraint: string | undefined, version: string): boolean {
  if (constraint === undefined) return true;
  const given = numberOf(version);
  return constraint.split(/\s*\|\|?\s*/).some((alternative) =>
    alternative
      .replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2')
      .replace(/(>=|<=|!=|>|<|=|\^|~)\s+/g, '$1')
      .split(/[\s,]+/)
      .filter(Boolean)
      .every((one) => holds(one, given)),
  );
}

/** A version is compared as the number `major * minors + minor`, so this must exceed every minor version. */
const minors = 100;

function numberOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * minors + minor;
}

function holds(comparison: string, given: number): boolean {
  const [, operator = '', major, minor, patch] =
    /^(>=|<=|!=|>|<|=|\^|~)?v?(\d+)(?:\.(\d+|\*))?(?:\.(\d+|\*))?(?:[.-].*)?$/.exec(comparison) ?? [];
  if (major === undefined) return true;
  const isAnyMinor = minor === undefined || minor === '*';
  const limit = Number(major) * minors + (isAnyMinor ? 0 : Number(minor));
  const nextMajor = (Number(major) + 1) * minors;
  switch (operator) {
    case '>=':
    case '>':
      return given >= limit;
    case '<=':
      return given <= limit;
    case '<':
      return patch !== undefined && patch !== '0' ? given <= limit : given < limit;
    case '!=':
      return true;
    case '^':
      return given >= limit && given < nextMajor;
    case '~':
      return given >= limit && given < (patch === undefined ? nextMajor : limit + 1);
    default:
      return isAnyMinor && minor === '*' ? given >= limit && given < nextMajor : given === limit;
  }
}
