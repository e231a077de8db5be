import { sh } from '../command/command.ts';
import { onDatabase } from '../database/site-database.ts';
import type { Context, HostSession } from './session.ts';
import { siteDatabase } from './site-database.ts';

/** What the database playbook observes at a site whose import was interrupted while it exchanged the tables. */
export const interruptedImport = 'interrupted import';

/** Returns the domains of the sites whose import of a database was interrupted while the tables were exchanged, by a power failure. */
function interruptedImports({ config, survey }: Pick<HostSession, 'config' | 'survey'>): readonly string[] {
  return config.sites.flatMap(({ domain }) => (survey.observed.get(`mysql ${domain}`) === interruptedImport ? [domain] : []));
}

/**
 * Completes the imports that were interrupted, or restores the triggers if their tables were not live yet, and resolves to the session. If
 * that fails, the run goes on with a warning, because it may repair the database server.
 */
export async function finishImports(session: HostSession, { emit }: Pick<Context, 'emit'>): Promise<HostSession> {
  const { transport, config } = session;
  const { host } = transport;
  const domains = interruptedImports(session);
  for (const site of config.sites.filter(({ domain, database }) => domains.includes(domain) && database.engine !== 'none')) {
    const { domain, name, account, secret, owner } = siteDatabase(session, site);
    emit({ event: 'stage', host, text: `finishing the interrupted import into ${name}` });
    const script = onDatabase(sh`resume_replacement ${domain} ${name} ${account} ${secret} ${owner}`);
    const { code, stdout, stderr } = await transport.script(script, { timeout: 900 });
    const done = stdout.trim() === 'new' ? 'the new data is live' : 'the old data is live, and its triggers are restored';
    emit({
      event: 'check',
      host,
      check:
        code === 0
          ? { name: 'database', state: 'ok', detail: `An interrupted import into ${name} is finished: ${done}` }
          : {
              name: 'database',
              state: 'warning',
              detail: `An interrupted import into ${name} could not be finished: ${stderr.trim()}`,
              hint: 'Until then, views, routines or triggers may be missing. Run foobar-provision again when the database server runs.',
            },
    });
  }
  return session;
}
