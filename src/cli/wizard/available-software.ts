import { databaseOf } from '../../../playbooks/database/engine.ts';
import { versionOfPhp } from '../../../playbooks/runtimes/php/version.ts';
import { type Command, sh } from '../../command/command.ts';
import type { Config } from '../../config/config.ts';
import type { Survey } from '../../engine/survey.ts';
import { type Facts, versionOf } from '../../facts/facts.ts';
import type { Database } from './answers.ts';

/** The software for a site that a host's package manager offers. */
export interface Offer {
  /** The distribution's name for itself. */
  readonly title: string;
  /** PHP's versions, the distribution's own first. */
  readonly php: readonly string[];
  /** The available databases with their versions, the default first. */
  readonly databases: readonly { readonly engine: Exclude<Database, 'none'>; readonly version: string }[];
}

/** Returns a command that prints the names of PHP's packages, from the package lists that were fetched or else from the host's own. */
export function phpNamesScript({ lists }: Pick<Survey, 'lists'>): Command {
  const options = lists ? ['-o', `Dir::State::lists=${lists}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='] : [];
  return sh`apt-cache ${options} pkgnames php 2>/dev/null`;
}

/** Returns the offer. The code that decides in a run decides here too, so the proposal is what a run would install. */
export function offerOf({ sites: [site] }: Config, facts: Facts, packageNames: string): Offer {
  const fromDistribution = versionOf(facts, 'php-fpm') ? versionOfPhp(undefined, facts) : undefined;
  const others = [...packageNames.matchAll(/^php(\d\.\d)-fpm$/gm)].map(([, version = '']) => version).sort();
  const first = databaseOf(site, facts)?.engine;
  const databases = (['mysql', 'mariadb'] as const).flatMap((engine) => {
    const version = versionOf(facts, `${engine}-server`);
    return version ? [{ engine, version: upstream(version) }] : [];
  });
  return {
    title: facts.title,
    php: [...new Set([...(fromDistribution ? [fromDistribution] : []), ...others.toReversed()])],
    databases: databases.toSorted((one, other) => Number(other.engine === first) - Number(one.engine === first)),
  };
}

/** Returns the upstream version: `1:11.8.6-0+deb13u1` is 11.8.6, with an epoch before it and the distribution's part after it. */
function upstream(version: string): string {
  return version.replace(/^\d+:/, '').replace(/[-+~].*$/, '');
}
