import { type Facts, Problem, versionOf } from '../../../src/index.ts';

/** The PHP that a site runs on: the one asked for, or the distribution's, whose packages tell its version before they are installed. */
export function versionOfPhp(asked: string | undefined, facts: Facts): string {
  // The metapackage's version is PHP's with an epoch before it and Debian's own behind: 2:8.4+96.
  const version = asked ?? /^(?:\d+:)?(\d+\.\d+)/.exec(versionOf(facts, 'php-fpm') ?? '')?.[1];
  if (!version)
    throw new Problem({
      message: "The host's package manager offers no PHP (php-fpm).",
      hint: 'See on the host whether `apt-get update` works and `apt-cache policy php-fpm` knows it.',
    });
  return version;
}
