// Who may import whom, checked by `npm run lint`. A file imports from its own folder and from those below it in its list, and nothing imports in a circle.
const { readdirSync } = require('node:fs');

/** The folders of src/, from the top down. */
const source = [
  'cli',
  'sandbox',
  // The use cases. They take the playbooks from playbooks/, and hand src/index.ts to a configuration that imports us by our name.
  'operations',
  // A site on an old server, and its way to a new one.
  'import',
  // The lines of logs, and their order.
  'logs',
  // A site's database as a whole: its dump, and its replacement.
  'database',
  'release',
  'https',
  // What a host records about backups, and the snapshots in their repository.
  'backups',
  // What a user writes: a list of playbooks is part of it, so it is above the engine.
  'config-file',
  'resources',
  'engine',
  // A check is data that a playbook gives, so the engine knows its type; the checks themselves need a transport and no engine.
  'health',
  'dns',
  'facts',
  // The complete configuration, which playbooks and facts are about; it holds the application's files and a runtime's settings.
  'config',
  'application',
  'runtimes',
  'transport',
  'bundled',
  'command',
];

/** The folders of playbooks/, from the top down; playbooks/site.ts is above them all. */
const playbooks = ['backup', 'application', 'web', 'runtimes', 'cache', 'database', 'host'];

/** Files of src/ itself that any folder may import, since they import none; the version is read from what comes with the package. */
const leaves = '^src/(?!index\\.ts$)[^/]+\\.ts$';

/** Each folder of `root` may import from those after it and not from those before it. */
function inOrder(root, folders) {
  const unlisted = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !folders.includes(entry.name));
  if (unlisted.length > 0) throw new Error(`.dependency-cruiser.cjs has no place for ${unlisted.map(({ name }) => `${root}/${name}`).join(', ')}`);
  return folders.slice(1).map((folder, index) => ({
    name: `${root}/${folder} is below`,
    severity: 'error',
    from: { path: `^${root}/${folder}/` },
    to: { path: `^${root}/(${folders.slice(0, index + 1).join('|')})/` },
  }));
}

module.exports = {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    ...inOrder('src', source),
    ...inOrder('playbooks', playbooks),
    { name: 'a leaf imports no folder', severity: 'error', from: { path: leaves }, to: { path: '^(src/(?!bundled/)[^/]+/|src/index\\.ts|playbooks/)' } },
    { name: 'a folder below the use cases knows no playbook', severity: 'error', from: { path: '^src/(?!cli/|operations/)' }, to: { path: '^playbooks/' } },
    { name: 'src/index.ts is for playbooks', severity: 'error', from: { path: '^src/(?!cli/|operations/)' }, to: { path: '^src/index\\.ts$' } },
    { name: 'a playbook imports src/index.ts alone', severity: 'error', from: { path: '^playbooks/' }, to: { path: '^src/', pathNot: '^src/index\\.ts$' } },
    {
      name: 'only what loads shell takes a text for a command',
      severity: 'error',
      from: { path: '^(src|playbooks)/', pathNot: '^src/(command/|bundled/|engine/shell-library\\.ts$)' },
      to: { path: '^src/command/shell-text\\.ts$' },
    },
    { name: 'playbooks/site.ts is above', severity: 'error', from: { path: '^playbooks/[^/]+/' }, to: { path: '^playbooks/[^/]+\\.ts$' } },
    { name: 'nothing that ships imports a test', severity: 'error', from: {}, to: { path: '^test/' } },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
