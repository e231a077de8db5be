import { folder, type RunOptions } from './cli.ts';

/** A static page, and of the host's own parts the way in alone: a run of seconds. */
const base = {
  database: { engine: 'none' },
  php: { extensions: [] },
  host: { upgrades: false, limits: false, passwords: false, integrity: false, sandbox: false },
} as const;

/** A host whose way in is a playbook's, which says of it what the test wants; what is not proven is put back after 12 s. */
export function withOwn(resources: string): RunOptions {
  return {
    cwd: folder({
      'foobar.config.ts': `import { command, defineConfig, definePlaybook, file, reload, service, sh } from 'foobar-provision';

const own = definePlaybook({ name: 'own', resources: () => [${resources}] });

export default defineConfig({ ...${JSON.stringify(base)}, playbooks: [own] });
`,
    }),
    env: { FOOBAR_REVERT_SECONDS: '12' },
  };
}

/** A rule that keeps all of SSH out, connections that stand included. */
export const dropping = 'table inet drops { chain input { type filter hook input priority -10; tcp dport 22 drop; }; }';
