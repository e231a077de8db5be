import { extname } from 'node:path';
import { namesOf } from '../../config/domain.ts';
import { type Answers, userConfigOf } from './answers.ts';

/** The answers as a file that somebody would have written: what was answered, and beside it what could be said. JSON where its name ends so. */
export function configFile(answers: Answers, file: string): string {
  if (extname(file) === '.json') return `${JSON.stringify(userConfigOf(answers), null, 2)}\n`;
  const { server, domain, app, php, database } = answers;
  return `// What the host should be. \`foobar-provision plan\` shows what would change, \`foobar-provision\` makes it so.
// For an editor that knows the keys: npm install --save-dev foobar-provision
import { defineConfig } from 'foobar-provision';

export default defineConfig({
  server: ${literal(server)},

  // Served as ${namesOf(domain, []).join(' and ')}; more names go into \`aliases\`.
  domain: ${literal(domain)},
${appPart(app)}
  ${php === undefined ? "// php: { version: '8.4' }, // left out, it is the distribution's own" : `php: { version: ${literal(php)} },`}
  ${
    database === undefined
      ? "// database: { engine: 'mariadb' }, // left out, MySQL where the distribution has it, MariaDB elsewhere"
      : `database: { engine: ${literal(database)} },`
  }
});
`;
}

function appPart(app: string | undefined): string {
  if (app === undefined)
    return `
  // The bundled site is served until an application of yours is named:
  // app: { source: './my-site' },
`;
  return `
  app: {
    source: ${literal(app)}, // a \`.deployignore\` in it names what is not sent
    // shared: ['uploads'], // outlives a release, and PHP may write there
    // build: ['npm run build'], // done here, before the files are sent
  },
`;
}

function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
