import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What visitors met, counted. */
export interface Seen {
  /** Whole answers of one release. */
  whole: number;
  /** Of these, answers that took five seconds. */
  slow: number;
  /** Identities of the entries that the site said it had written. */
  readonly acknowledged: string[];
  /** What a visitor would call a failure: an error, a reset, an empty or mixed answer, a status other than 200. */
  readonly failed: string[];
  readonly versions: Set<string>;
}

/**
 * Visitors of a site as a proof has it (see `busySite`), until `stop`: keep-alive clients that ask and write, and some whose requests take
 * five seconds. A client asks again only after its answer, with a pause of `pause` milliseconds.
 */
export function traffic(address: string, host: string, { clients = 20, slow = 3, pause = 40 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients + slow });
  const seen: Seen = { whole: 0, slow: 0, acknowledged: [], failed: [], versions: new Set() };
  let stopped = false;

  const ask = (path: string, body?: string) =>
    new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
      const asked = request(
        { host: address, path, agent, method: body === undefined ? 'GET' : 'POST', headers: { Host: host } },
        (answer) => {
          text(answer).then((read) => resolve({ status: answer.statusCode ?? 0, body: read }), reject);
        },
      );
      asked.once('error', reject);
      asked.end(body);
    });

  const visit = async (path: string, id?: string): Promise<void> => {
    const began = new Date().toISOString();
    try {
      const { status, body } = await ask(path, id);
      // "release A A A end": the page, what it included, and what it read last.
      const [, one, two, three] = /^release (\S+) (\S+) (\S+) .*end$/s.exec(body) ?? [];
      if (status !== 200 || one === undefined || one !== two || one !== three) {
        seen.failed.push(`${began} ${path}: ${status} ${JSON.stringify(body.slice(0, 120))}`);
        return;
      }
      seen.whole += 1;
      seen.versions.add(one);
      if (path.includes('slow')) seen.slow += 1;
      if (id !== undefined) seen.acknowledged.push(id);
    } catch (error) {
      seen.failed.push(`${began} ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const loop = async (client: number) => {
    for (let n = 0; !stopped; n += 1) {
      if (client < slow) await visit('/slow.php');
      else if (n % 5 === client % 5) await visit('/write.php', `${client}-${n}`);
      else await visit('/');
      await sleep(pause);
    }
  };
  const loops = Array.from({ length: clients + slow }, (_, client) => loop(client));
  return {
    seen,
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
      agent.destroy();
      return seen;
    },
  };
}

/** The files of a site that says which release answers, three times over, and writes down what it is sent. */
export function busySite(version: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const answer = "echo 'release ', PAGE, ' ', INCLUDED, ' ', trim(file_get_contents(__DIR__ . '/../version.txt'))";
  const page = `<?php const PAGE = '${version}'; require __DIR__ . '/../src/included.php';`;
  return {
    'version.txt': version,
    'src/included.php': `<?php const INCLUDED = '${version}';`,
    'public/index.php': `${page} ${answer}, ' php ', PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION, ' ', getenv('TURN'), ' end';`,
    'public/slow.php': `<?php const PAGE = '${version}'; sleep(5); require __DIR__ . '/../src/included.php'; ${answer}, ' end';`,
    'public/write.php': `${page}
$database = new PDO('mysql:unix_socket=' . getenv('DB_SOCKET') . ';dbname=' . getenv('DB_DATABASE'), getenv('DB_USERNAME'), getenv('DB_PASSWORD'));
$database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$database->prepare('INSERT INTO written (id) VALUES (?)')->execute([file_get_contents('php://input')]);
${answer}, ' end';`,
    'migrations/0001_written.sql': 'CREATE TABLE written (id VARCHAR(40) PRIMARY KEY);\n',
    ...more,
  };
}
