import { directory, type Resource, type Site, sitePaths } from '../../../src/index.ts';
import { userOf } from '../../host/paths.ts';
import { fpmLogs, logsOf } from './logs.ts';

/** The folder of the logs of FPM and the sites. */
export const logsFolder: Resource = directory(fpmLogs, { holds: 'ours' });

/** Returns the folder of PHP's sessions. Its parent belongs to root, because root creates the folder. */
export function sessionsOf({ domain }: Pick<Site, 'domain'>): string {
  return `${sitePaths(domain).home}/sessions`;
}

/** Returns the folders of a site that its PHP writes. */
export function ownFolders(site: Pick<Site, 'domain'>): readonly Resource[] {
  const owner = userOf(site);
  return [
    directory(sessionsOf(site), { owner, mode: '0700', holds: 'ours', exclusive: true }),
    directory(logsOf(site), { owner, group: 'adm', mode: '0750', holds: 'ours', exclusive: true }),
  ];
}
