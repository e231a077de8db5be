import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import { hashesOf, namesOf, type Place } from './copy.ts';
import { countStatements, tableNames } from './copy-database.ts';
import type { Credentials } from './credentials.ts';
import { addressesOf, copyTimeoutSeconds, dumpDatabase, onOldServer, query, readSiteFiles } from './old-server.ts';
import { type OldSiteRequest, readOldSite } from './old-site.ts';
import type { OldData, OldFiles, Origin } from './origin.ts';

/** Reads everything about a site on its old server. Changes nothing there. */
export async function serverOrigin(transport: Transport, request: OldSiteRequest): Promise<Origin> {
  const { site, user } = await readOldSite(transport, request);
  const { credentials, database } = site;
  return {
    name: transport.host,
    kind: 'server',
    site,
    addresses: await addressesOf(transport),
    files: filesOnServer({ transport, user, root: site.root }),
    ...(credentials && { database: dataOnServer(transport, credentials.credentials, database?.size ?? 0) }),
  };
}

function filesOnServer(place: Place): OldFiles {
  const { transport, user, root } = place;
  return {
    name: transport.host,
    async send(items, output, signal) {
      const script = onOldServer(sh`send_files ${user} ${root}`);
      const sent = await transport.run(script, { input: namesOf(items), output, timeout: copyTimeoutSeconds, signal });
      if (sent.code > 2)
        throw new Problem({
          message: `On ${transport.host}, tar ended with code ${sent.code}.`,
          host: transport.host,
          stderr: sent.stderr,
        });
      return sent.stderr
        .split('\n')
        .filter(
          (line) => line.trim() !== '' && !/file changed as we read it|Removing leading|Exiting with failure|error exit delayed/.test(line),
        )
        .map((line) => line.replace(/^tar: /, ''));
    },
    hashes: (items) => hashesOf(place, items),
    texts: (paths) => readSiteFiles(transport, user, root, paths),
  };
}

function dataOnServer(transport: Transport, credentials: Credentials, size: number): OldData {
  return {
    size,
    dump: (output, signal) => dumpDatabase(transport, credentials, output, signal),
    async rows() {
      const names = await query(transport, credentials, tableNames);
      if (names.length === 0) return new Map();
      const tables = names.map(([hex = '']) => Buffer.from(hex, 'hex').toString('utf8'));
      const counts = await query(transport, credentials, countStatements(tables));
      return new Map(counts.map(([hex = '', count = '0']) => [Buffer.from(hex, 'hex').toString('utf8'), Number(count)]));
    },
  };
}
