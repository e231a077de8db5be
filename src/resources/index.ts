import type { Playbook } from '../engine/playbook.ts';
import type { Kind } from '../engine/resource.ts';
import { Problem } from '../error.ts';
import { groupKind, userKind } from './account.ts';
import { certificateKind } from './certificate.ts';
import { commandKind } from './command.ts';
import { directoryKind } from './directory.ts';
import { fileKind } from './file.ts';
import { fleetCertificateKind } from './fleet-certificate.ts';
import { liveKind } from './live.ts';
import { migrationsKind } from './migrations.ts';
import { mysqlDatabaseKind, mysqlUserKind } from './mysql.ts';
import { mysqlTimeZonesKind } from './mysql-time-zones.ts';
import { nftablesKind } from './nftables.ts';
import { packageKind } from './package.ts';
import { releaseKind } from './release.ts';
import { repositoryKind } from './repository.ts';
import { secretKind } from './secret.ts';
import { selfSignedKind } from './self-signed.ts';
import { serviceKind } from './service.ts';
import { sharedFolderKind } from './shared-folder.ts';
import { symlinkKind } from './symlink.ts';

/** The kinds of resources of this program, by name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    repositoryKind,
    packageKind,
    groupKind,
    userKind,
    secretKind,
    selfSignedKind,
    fleetCertificateKind,
    directoryKind,
    fileKind,
    symlinkKind,
    nftablesKind,
    serviceKind,
    mysqlDatabaseKind,
    mysqlUserKind,
    mysqlTimeZonesKind,
    releaseKind,
    sharedFolderKind,
    migrationsKind,
    liveKind,
    commandKind,
    certificateKind,
  ].map((kind) => [kind.name, kind]),
);

/** Returns these kinds and those of the playbooks. Throws a Problem if two have the same name. */
export function kindsOf(playbooks: readonly Playbook[]): ReadonlyMap<string, Kind> {
  const all = new Map(kinds);
  for (const playbook of playbooks) {
    for (const kind of playbook.kinds ?? []) {
      if ((all.get(kind.name) ?? kind) !== kind) throw nameTaken(kind.name, playbook.name);
      all.set(kind.name, kind);
    }
  }
  return all;
}

function nameTaken(kind: string, playbook: string): Problem {
  return new Problem({
    message: `The playbook "${playbook}" defines a kind of resource named "${kind}", and there is another kind with this name.`,
    hint: 'Give the kind another name.',
  });
}
