import { databaseOf } from '../../../playbooks/database/engine.ts';
import { versionOfPhp } from '../../../playbooks/runtimes/php/version.ts';
import { type Command, sh } from '../../command/command.ts';
import type { Config } from '../../config/config.ts';
import type { Survey } from '../../engine/survey.ts';
import { type Facts, versionOf } from '../../facts/facts.ts';
import type { Database } from './answers.ts';

/** What a host's package manager has for a site. */
export interface Offer {
  /** As the distribution calls itself. */
  readonly title: string;
  /** PHP's versions, the distribution's own first. */
  readonly php: readonly string[];
  /** Each database that is there to be had, with its version, the one that is taken by default first. */
  readonly databases: readonly { readonly engine: Exclude<Database, 'none'>; readonly version: string }[];
}

/** Prints the names of PHP's packages, by the package lists that were fetched or else by the host's own. */
export function phpNamesScript({ lists }: Pick<Survey, 'lists'>): Command {
  const options = lists ? ['-o', `Dir::State::lists=${lists}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='] : [];
  return sh`apt-cache ${options} pkgnames php 2>/dev/null`;
}

/** Decided by the code that decides in a run: what is proposed is what would be taken. */
export function offerOf({ sites: [site] }: Config, facts: Facts, packageNames: string): Offer {
  const own = versionOf(facts, 'php-fpm') ? versionOfPhp(undefined, facts) : undefined;
  const others = [...packageNames.matchAll(/^php(\d\.\d)-fpm$/gm)].map(([, version = '']) => version).sort();
  const first = databaseOf(site, facts)?.engine;
  const databases = (['mysql', 'mariadb'] as const).flatMap((engine) => {
    const version = versionOf(facts, `${engine}-server`);
    return version ? [{ engine, version: upstream(version) }] : [];
  });
  return {
    title: facts.title,
    php: [...new Set([...(own ? [own] : []), ...others.toReversed()])],
    databases: databases.toSorted((one, other) => Number(other.engine === first) - Number(one.engine === first)),
  };
}

/** `1:11.8.6-0+deb13u1` is 11.8.6: an epoch before it, the distribution's own part behind. */
function upstream(version: string): string {
  return version.replace(/^\d+:/, '').replace(/[-+~].*$/, '');
}
