import type { Kind } from '../engine/resource.ts';
import { groupKind, userKind } from './account.ts';
import { certificateKind } from './certificate.ts';
import { commandKind } from './command.ts';
import { directoryKind } from './directory.ts';
import { fileKind } from './file.ts';
import { liveKind } from './live.ts';
import { migrationsKind } from './migrations.ts';
import { mysqlDatabaseKind, mysqlUserKind } from './mysql.ts';
import { nftablesKind } from './nftables.ts';
import { packageKind } from './package.ts';
import { releaseKind } from './release.ts';
import { repositoryKind } from './repository.ts';
import { secretKind } from './secret.ts';
import { selfSignedKind } from './self-signed.ts';
import { serviceKind } from './service.ts';
import { symlinkKind } from './symlink.ts';

/** Every kind of resource there is, by its name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    repositoryKind,
    packageKind,
    groupKind,
    userKind,
    secretKind,
    selfSignedKind,
    directoryKind,
    fileKind,
    symlinkKind,
    nftablesKind,
    serviceKind,
    mysqlDatabaseKind,
    mysqlUserKind,
    releaseKind,
    migrationsKind,
    liveKind,
    commandKind,
    certificateKind,
  ].map((kind) => [kind.name, kind]),
);
