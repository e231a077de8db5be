import { type Checker, type Facts, Problem, type Site, sh, versionOf } from '../src/index.ts';

export interface Fpm {
  /** `8.4` */
  readonly version: string;
  readonly unit: string;
  readonly folder: string;
  readonly checker: Checker;
}

/** The PHP that the site runs on: the one asked for, or the distribution's, whose packages tell its version before they are installed. */
export function fpmOf(site: Site, facts: Facts): Fpm {
  // The metapackage's version is PHP's with an epoch before it and Debian's own behind: 2:8.4+96.
  const version = site.php.version ?? /^(?:\d+:)?(\d+\.\d+)/.exec(versionOf(facts, 'php-fpm') ?? '')?.[1];
  if (!version)
    throw new Problem({
      message: "The host's package manager offers no PHP (php-fpm).",
      hint: 'See on the host whether `apt-get update` works and `apt-cache policy php-fpm` knows it. Nothing was changed.',
    });
  const unit = `php${version}-fpm`;
  return {
    version,
    unit,
    folder: `/etc/php/${version}/fpm`,
    checker: { name: `php-fpm${version} -t`, roots: [`/etc/php/${version}`], command: sh`${`php-fpm${version}`} -t` },
  };
}
