import { packagesOf } from '../runtimes/php/extensions.ts';
import { usualExtensions } from '../runtimes/php/php.ts';
import type { OldSite } from './old-site.ts';
import type { Origin } from './origin.ts';
import { remarkText } from './remark.ts';

/** Text for `foobar.config.ts`, and the sentences that a person should read beside it. */
export interface Proposal {
  readonly text: string;
  readonly remarks: readonly string[];
}

export interface ProposalOptions {
  /** The new server. */
  readonly server?: string | undefined;
  /** The local folder of the application, relative to the configuration. */
  readonly app: string;
  /** The old server, or the backup. */
  readonly from: Pick<Origin, 'kind' | 'name'>;
}

/** Returns the configuration that describes an old site on a new server. It looks hand-written, and says where each part is from. */
export function proposalOf(site: OldSite, { server, app, from }: ProposalOptions): Proposal {
  const { vhost } = site;
  const aliases = aliasesOf(site);
  const body = [
    server ? `server: ${literal(server)},` : "// server: 'root@203.0.113.5', // the new server",
    '',
    `domain: ${literal(site.domain)},`,
    ...(site.hasWww ? [] : ['www: false, // the old server had no such name']),
    ...(aliases.length > 0 ? [`aliases: ${list(aliases)},`] : []),
    '',
    ...appOf(site, app),
    ...phpOf(site),
    ...(site.credentials || site.dump
      ? []
      : ['', "database: { engine: 'none' }, // no file of the application names a database of MySQL or MariaDB"]),
    ...webOf(site),
    ...(site.workers.length + site.cron.length > 0
      ? [
          '',
          `// What ${from.kind === 'server' ? from.name : 'the old server'} runs in the background. Uncomment this at the switch, when the old server no longer runs it; before that, both would.`,
          ...(site.workers.length > 0
            ? [
                '// workers: {',
                ...site.workers.map(
                  ({ name, command, count }) =>
                    `//   ${key(name)}: { command: ${literal(command)}${count > 1 ? `, count: ${count}` : ''} },`,
                ),
                '// },',
              ]
            : []),
          ...(site.cron.length > 0
            ? [
                '// cron: {',
                ...site.cron.map(
                  ({ name, command, schedule }) => `//   ${key(name)}: { command: ${literal(command)}, schedule: ${literal(schedule)} },`,
                ),
                '// },',
              ]
            : []),
        ]
      : []),
  ];
  const text = `// ${site.domain} as it ${from.kind === 'server' ? 'was on' : 'is in'} ${from.name}${vhost ? ` (${vhost.at})` : ''}. \`foobar-provision plan\` shows what would change, \`foobar-provision\` applies it.
// For completion in your editor: npm install --save-dev foobar-provision
import { defineConfig } from 'foobar-provision';

export default defineConfig({
${body.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}
});
`;
  return { text, remarks: [...site.remarks.map(remarkText), ...wildcards(site)] };
}

function isDomain(name: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(name) && !/^\d+(?:\.\d+){3}$/.test(name);
}

function aliasesOf({ domain, names }: OldSite): readonly string[] {
  const bare = domain.replace(/^www\./, '');
  return names.filter((name) => isDomain(name) && name !== bare && name !== `www.${bare}`);
}

function wildcards({ names }: OldSite): readonly string[] {
  return names.flatMap((name) =>
    isDomain(name) || name === '_' || name === ''
      ? []
      : [`The name ${name} is not imported: the names of a site are domains without wildcards.`],
  );
}

function appOf({ shared, known, docroot }: OldSite, app: string): readonly string[] {
  const isDetected = known !== undefined && shared.every((path) => (known.needs.shared ?? []).some((own) => path.endsWith(own)));
  const detectedDocroot = known?.needs.docroot ?? known?.folder ?? '.';
  return [
    'app: {',
    `  source: ${literal(app)},${known ? ` // ${known.name}` : ''}`,
    ...(docroot !== '.' && docroot !== detectedDocroot ? [`  docroot: ${literal(docroot)},`] : []),
    ...(shared.length > 0 && !isDetected ? [`  shared: ${list(shared)}, // shared by all releases; PHP may write here`] : []),
    ...(shared.length === 0 ? ["  // shared: ['uploads'], // shared by all releases; PHP may write here"] : []),
    '},',
  ];
}

function phpOf({ php, extensions, known, items }: OldSite): readonly string[] {
  if (!items.some(({ path }) => path.endsWith('.php'))) return [];
  const detected = packagesOf(known?.needs.extensions ?? []);
  const more = extensions.filter((name) => !detected.includes(name));
  const settings = Object.entries(php.settings).filter(([name]) => !['auto_prepend_file', 'mbstring.func_overload'].includes(name));
  return [
    '',
    'php: {',
    ...(php.version ? [`  // version: ${literal(php.version)}, // as on the old server; by default the distribution's version`] : []),
    ...(more.length > 0 ? [`  extensions: ${list([...usualExtensions, ...detected, ...more])}, // those of the old server`] : []),
    ...(settings.length > 0 ? ['  settings: {', ...settings.map(([name, value]) => `    ${key(name)}: ${literal(value)},`), '  },'] : []),
    '},',
  ];
}

function webOf({ vhost }: OldSite): readonly string[] {
  if (!vhost) return [];
  const { routes, proxy, deny, headers } = vhost;
  const entries = (name: string, of: Record<string, unknown>) =>
    Object.keys(of).length === 0
      ? []
      : [`  ${name}: {`, ...Object.entries(of).map(([each, value]) => `    ${key(each)}: ${valueText(value)},`), '  },'];
  const parts = [
    ...entries('routes', routes),
    ...entries('proxy', proxy),
    ...(deny.length > 0 ? [`  deny: ${list([...new Set(deny)])},`] : []),
    ...entries('headers', headers),
  ];
  return parts.length === 0 ? [] : ['', `// From ${vhost.at}`, 'web: {', ...parts, '},'];
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return literal(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${key(name)}: ${valueText(each)}`)
    .join(', ')} }`;
}

function list(items: readonly string[]): string {
  return `[${items.map(literal).join(', ')}]`;
}

function key(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : literal(name);
}

function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
