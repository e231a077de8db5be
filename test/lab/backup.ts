import type { Sandbox } from '../../src/sandbox/index.ts';
import { folder } from './cli.ts';
import { exec } from './host.ts';

/** A folder with the configuration of the bundled site, whose backups go to this repository. */
export function backedUpSite(to: string): string {
  return folder({
    'foobar.config.json': JSON.stringify({
      domain: 'shop.test',
      www: false,
      https: false,
      database: { engine: 'mariadb' },
      host: { upgrades: false, integrity: false },
      backups: { to, drill: false },
    }),
  });
}

/** What a site on a host consists of: its files with their owners and contents, and its database, without the counter of visits and without definers. */
export async function contentOf(host: Sandbox, domain = 'shop.test'): Promise<string> {
  const database = domain.replaceAll(/\W/g, '_');
  const { stdout } = await exec(
    host,
    `cd /srv/www/${domain}/shared && find . -printf '%M %u %p %l\\n' | sort && find . -type f -exec sha256sum {} + | sort
dump=$(command -v mariadb-dump || command -v mysqldump)
"$dump" --skip-comments --routines --events --triggers --ignore-table=${database}.counter ${database} | sed -E 's/DEFINER=[^ *]+//' | sha256sum`,
  );
  return stdout;
}
