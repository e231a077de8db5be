import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, folder, named } from './cli.ts';

export const domains = ['a.test', 'b.test', 'c.test'] as const;
type Domain = (typeof domains)[number];

/** What the sites have besides their pages. */
interface Setup {
  readonly sites?: readonly Domain[];
  /** Nginx directives of b.test. */
  readonly nginx?: string;
  /** Commands of b.test before the switch. */
  readonly hooks?: readonly string[];
  /** Commands that build b.test on this machine. */
  readonly build?: readonly string[];
}

/** A configuration of three sites in PHP, of which b.test has a database and hooks. */
export function threeSites() {
  const home = folder();
  const write = (path: string, content: string) => {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  return {
    home,
    write,
    remove: (path: string) => rmSync(join(home, path)),
    page: (domain: Domain, text: string) => write(`${domain}/public/index.php`, `<?php ${text}`),
    configure: ({ sites = domains, nginx = '', hooks = [], build = [] }: Setup = {}) =>
      write(
        'foobar.config.ts',
        `import { defineConfig, definePlaybook, file, reload } from 'foobar-provision';
const own = definePlaybook({
  name: 'own',
  resources: ({ site }) =>
    site.domain === 'b.test' ? [file('/etc/nginx/site.d/b.test/extra.conf', { content: ${JSON.stringify(nginx)}, notify: reload('nginx') })] : [],
});
const site = (domain, more) => ({ domain, www: false, https: false, php: { extensions: [] }, app: { source: domain }, ...more });
export default defineConfig({
  name: 'three',
  host: false,
  playbooks: [own],
  sites: [
    site('a.test', { database: { engine: 'none' } }),
    site('b.test', { app: { source: 'b.test', build: ${JSON.stringify(build)}, hooks: { before: ${JSON.stringify(hooks)} } } }),
    site('c.test', { database: { engine: 'none' } }),
  ].filter(({ domain }) => ${JSON.stringify(sites)}.includes(domain)),
});
`,
      ),
  };
}

export type ThreeSites = ReturnType<typeof threeSites>;

/** What the last line says of each site. */
export function sitesOf(ended: Ended): unknown {
  return named(ended, 'result')[0]?.sites;
}

/** The sites of a plan's changes; `*` for what they share. */
export function changing(ended: Ended): readonly unknown[] {
  return [...new Set(named(ended, 'change').map(({ site = '*' }) => site))];
}
