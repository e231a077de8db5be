import { type OldSite, readOldSite } from '../import/old-site.ts';
import { proposalOf } from '../import/proposal.ts';
import type { Transport } from '../transport/transport.ts';
import type { Connect } from './connect.ts';
import type { Emit, Examined, Result } from './event.ts';
import type { Context } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface ImportRequest {
  /** The old server. */
  readonly from: string;
  /** The site's domain; by default the only one that the old server has. */
  readonly domain: string | undefined;
  /** The site's folder on the old server. */
  readonly root: string | undefined;
  /** The new server, for a configuration that is written. */
  readonly server: string | undefined;
  /** The local folder for the application. By default it is named after the domain. */
  readonly app: string | undefined;
  /** The configuration file. */
  readonly file: string;
  /** True if the file exists. It is never overwritten. */
  readonly isConfigured: boolean;
  /** Writes the configuration file. */
  readonly save: (text: string) => Promise<void>;
}

/** Reads a site on an old server, shows what was found there, and writes a configuration for it. Changes nothing on the old server. */
export async function importSite(request: ImportRequest, connect: Connect, context: Context): Promise<Result> {
  const { emit, signal } = context;
  const { transport: old } = await connect(request.from, { root: 'preferred', signal });
  try {
    emit({ event: 'stage', host: old.host, text: 'reading the site' });
    const site = await readOldSite(old, request);
    show(site, old, emit);
    await propose(site, request, emit);
    return totalOf([doneResult(old.host, 0, site.items.length)]);
  } finally {
    await old.close();
  }
}

async function propose(site: OldSite, { from, server, app, file, isConfigured, save }: ImportRequest, emit: Emit): Promise<void> {
  const { text, remarks } = proposalOf(site, { server, app: app ?? `./${site.domain}`, from });
  for (const detail of remarks) emit({ event: 'check', host: from, check: { name: 'left out', state: 'warning', detail } });
  if (isConfigured) {
    emit({ event: 'note', text: `${file} exists and stays as it is.` });
    return;
  }
  await save(text);
  emit({
    event: 'note',
    text: `The configuration for ${site.domain} is in ${file}, which is yours to edit. Nothing was changed on ${from}.`,
  });
}

function show(site: OldSite, { host }: Transport, emit: Emit): void {
  emit({ event: 'connected', host, title: site.title });
  for (const [name, detail] of factsOf(site)) emit({ event: 'check', host, check: { name, state: 'ok', detail } satisfies Examined });
}

function factsOf(site: OldSite): readonly (readonly [string, string])[] {
  const { vhost, php, known, items, credentials, database } = site;
  const files = items.filter(({ type }) => type === 'file');
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const ofShared = files.filter(({ path }) => site.shared.some((shared) => path === shared || path.startsWith(`${shared}/`)));
  const shared = ofShared.reduce((sum, { size }) => sum + size, 0);
  return [
    ...(vhost
      ? [['web server', `${vhost.server === 'nginx' ? 'Nginx' : 'Apache'}, ${vhost.at}, as ${site.names.join(', ')}`] as const]
      : []),
    ['application', `${known ? `${known.name} in ` : ''}${site.root}${site.docroot === '.' ? '' : `, of which ${site.docroot} is served`}`],
    [
      'files',
      `${count(files.length, 'file')}, ${sizeText(total)}, of which ${sizeText(shared)} in ${site.shared.join(', ') || 'no shared folder'}; read as ${site.user}`,
    ],
    ...(php.version
      ? [
          [
            'PHP',
            `${php.version}${
              Object.keys(php.settings).length > 0
                ? `, ${Object.entries(php.settings)
                    .map(([name, value]) => `${name} = ${value}`)
                    .join(', ')}`
                : ''
            }`,
          ] as const,
        ]
      : []),
    ...(credentials && database
      ? [
          [
            'database',
            `${database.name} of ${database.version}, ${count(database.tables, 'table')}, ${sizeText(database.size)}, ${database.collation}; ${credentials.path} says how to reach it`,
          ] as const,
        ]
      : []),
    ...(site.cron.length > 0 ? [['cron', count(site.cron.length, 'scheduled command')] as const] : []),
    ...(site.workers.length > 0 ? [['workers', site.workers.map(({ name }) => name).join(', ')] as const] : []),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`;
}
