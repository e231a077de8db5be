import { randomBytes } from 'node:crypto';
import { sh } from '../command/command.ts';
import { loginWords, onDatabase } from '../database/site-database.ts';
import { exitCode } from '../error.ts';
import { chosenSite } from './chosen-site.ts';
import type { Result } from './event.ts';
import { connected, type Streams } from './in-site.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { siteDatabase } from './site-database.ts';
import { totalOf } from './summarize.ts';

export interface ConsoleRequest {
  readonly site?: string | undefined;
  readonly streams: Streams;
}

/** Runs the `mariadb` or `mysql` client on the host with the site's database account. The result has the client's exit code. */
export async function openConsole({ site: named, streams }: ConsoleRequest, fleet: Fleet, context: Context): Promise<Result> {
  const session = onlyHostWith(fleet, 'database', 'A client');
  const site = await chosenSite(session.config, named, 'A client', context);
  const unit = `foobar-provision-command-${site.domain}-${randomBytes(4).toString('hex')}`;
  const option = streams.kind === 'terminal' ? '--pty' : '--pipe';
  const script = onDatabase(sh`open_console ${unit} ${option} ${loginWords(siteDatabase(session, site))}`);
  const code = await connected(session.transport, unit, script, streams, context);
  const { host } = session.transport;
  return totalOf([{ host, ok: code === exitCode.done, changed: 0, checked: 0, exitCode: code }]);
}
