import { type Facts, Problem, type Site, versionOf } from '../../../src/index.ts';

/** The PHP that the site runs on: the one asked for, or the distribution's, whose packages tell its version before they are installed. */
export function fpmOf(site: Site, facts: Facts): { readonly version: string } {
  // The metapackage's version is PHP's with an epoch before it and Debian's own behind: 2:8.4+96.
  const version = site.php.version ?? /^(?:\d+:)?(\d+\.\d+)/.exec(versionOf(facts, 'php-fpm') ?? '')?.[1];
  if (!version)
    throw new Problem({
      message: "The host's package manager offers no PHP (php-fpm).",
      hint: 'See on the host whether `apt-get update` works and `apt-cache policy php-fpm` knows it. Nothing was changed.',
    });
  return { version };
}
