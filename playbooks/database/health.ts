import type { Duplex } from 'node:stream';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import {
  codeOf,
  defineCheck,
  type Explained,
  type Finding,
  type HealthContext,
  notRunning,
  openStream,
  reason,
  reveal,
  type Secret,
} from '../../src/index.ts';

/** The application's user can log in over `socket` and read its own database. */
export interface MysqlCheck extends Explained {
  readonly socket: string;
  readonly database: string;
  readonly user: string;
  /** The name of the user's password among the host's secrets. */
  readonly secret: string;
  /** How the server is reached if it is not on this host: `over TLS, on root@192.0.2.8`. */
  readonly over?: string;
}

/** Asks everything in one round trip: the server's version, the authenticated user, and the visible tables of the database. */
const question =
  'SELECT VERSION() AS version, CURRENT_USER() AS user, (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()) AS tables';

/** Checks that the application's user can log in with the password stored on the host, and read its own database. */
export async function checkMysql(check: MysqlCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const password = context.secret(check.secret);
  if (password === undefined) return { ok: false, detail: `the host has no secret "${check.secret}", the password of ${check.user}` };
  // The driver takes longer to load than a connection to open, so load it in parallel, and only if there is a database.
  const [{ createConnection }, stream] = await Promise.all([
    import('mysql2/promise'),
    openStream(context.transport, { socket: check.socket }, signal),
  ]);
  try {
    const connection = await createConnection(login(check, password, stream));
    // A connection that is lost after the answer does not matter, and must not cause an uncaught error.
    connection.on('error', () => {});
    const answer = await ask(connection, check);
    const detail = check.over ? `${answer}, ${check.over}` : answer;
    // Closing properly keeps "aborted connection" out of the server's log.
    await connection.end();
    return { ok: true, detail };
  } catch (error) {
    const detail = refusal(codeOf(error), check);
    if (detail === undefined) throw error;
    return { ok: false, detail };
  }
}

/**
 * Connects the driver over `stream`. `socketPath` only tells it that the other end is a Unix socket, which the server considers secure,
 * so the driver may answer caching_sha2_password with the password itself (encrypted by SSH) instead of requesting an RSA key first.
 */
function login({ user, database, socket }: MysqlCheck, password: Secret, stream: Duplex) {
  return { stream, socketPath: socket, user, password: reveal(password), database, connectTimeout: 0, disableEval: true, trace: false };
}

async function ask(connection: Connection, { database }: MysqlCheck): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>(question);
  if (row === undefined) throw new Error('the server answered without a row');
  return `${product(String(row.version))} as ${row.user}, ${row.tables} ${row.tables === 1 ? 'table' : 'tables'} in ${database}`;
}

/** Returns the product of a version: `10.11.19-MariaDB-0+deb12u1` is MariaDB 10.11.19; MySQL's versions contain no name. */
export function product(version: string): string {
  return `${/mariadb/i.test(version) ? 'MariaDB' : 'MySQL'} ${version.replace(/[-+~].*/, '')}`;
}

/** Explains the server's error without quoting it. */
function refusal(code: string | undefined, { user, database, socket }: MysqlCheck): string | undefined {
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
      return `access denied for ${user} on ${socket}: there is no such user, or its password is not the one kept on the host`;
    case 'ER_DBACCESS_DENIED_ERROR':
      // Without rights, the server does not reveal whether the database exists.
      return `${user} may not use the database ${database} on ${socket}: it does not exist, or the user has no rights to it`;
    case 'ER_BAD_DB_ERROR':
      return `there is no database ${database} on ${socket}`;
    case 'ER_CON_COUNT_ERROR':
      return `too many connections on ${socket}: max_connections is used up`;
    case 'PROTOCOL_CONNECTION_LOST':
      return `${socket} closed the connection before it answered`;
    default:
      return undefined;
  }
}

export const mysqlCheck = defineCheck<MysqlCheck>({
  hop: 'mysql',
  place: 'data',
  // Loading blocks this process for about 50 ms, which would add to the times of other hops. If it fails, the hop reports that.
  preload: () => void import('mysql2/promise').catch(() => {}),
  ask: checkMysql,
  failure: ({ socket }, _, error) => reason(error, socket, { refused: notRunning, late: 'the server hangs, or is still starting' }),
});
