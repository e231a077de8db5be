import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Rolldown } from 'tsdown';

/** After bundling, writes the licenses of all bundled packages to one file. */
export function licenses(path: string): Rolldown.Plugin {
  return {
    name: 'licenses',
    async writeBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
      const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []));
      const texts = [...folders].map(licenseIn).sort();
      await writeFile(path, `The files in dist/ contain code of these packages.\n\n${texts.join('\n')}`);
    },
  };
}

/** Parts of packages that are under another license than the package itself. */
const contained: Readonly<Record<string, string>> = {
  'tldts-icann':
    'It contains the ICANN section of the Public Suffix List (https://publicsuffix.org/list/), which is under the\nMozilla Public License 2.0 (https://mozilla.org/MPL/2.0/).',
};

function licenseIn(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : `License: ${license}. By ${author?.name ?? author}.`;
  const more = contained[name];
  return `${name} ${version}\n${'-'.repeat(72)}\n${text}\n${more ? `\n${more}\n` : ''}`;
}
