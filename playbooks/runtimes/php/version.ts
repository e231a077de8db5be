import { type Facts, Problem, versionOf } from '../../../src/index.ts';

/**
 * Returns the PHP version of a site: the requested one, or the distribution's, which is known from its packages before they are installed.
 */
export function versionOfPhp(requested: string | undefined, facts: Facts): string {
  // The metapackage's version is PHP's, between an epoch and Debian's revision: 2:8.4+96.
  const version = requested ?? /^(?:\d+:)?(\d+\.\d+)/.exec(versionOf(facts, 'php-fpm') ?? '')?.[1];
  if (!version)
    throw new Problem({
      message: "The host's package manager offers no PHP (php-fpm).",
      hint: 'See on the host whether `apt-get update` works and `apt-cache policy php-fpm` knows it.',
    });
  return version;
}
