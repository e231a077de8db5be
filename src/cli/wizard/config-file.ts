import { extname } from 'node:path';
import { namesOf } from '../../config/domain.ts';
import { literal } from '../config-edit/write-value.ts';
import { type Answers, userConfigOf } from './answers.ts';

/** Returns the answers as a configuration file that looks hand-written, with commented alternatives. It is JSON if the name ends so. */
export async function configFile(answers: Answers, file: string): Promise<string> {
  if (extname(file) === '.json') return `${JSON.stringify(userConfigOf(answers), null, 2)}\n`;
  const { server, domain, app, database, email, backups, people = {} } = answers;
  return `// What the host should be. \`foobar-provision plan\` shows what would change, \`foobar-provision\` applies it.
// For completion in your editor: npm install --save-dev foobar-provision
import { defineConfig } from 'foobar-provision';

export default defineConfig({
  server: ${literal(server)},

  // Served as ${(await namesOf(domain, [])).names.join(' and ')}; more names go into \`aliases\`.
  domain: ${literal(domain)},
${appPart(app)}${phpPart(answers)}
  ${
    database === undefined
      ? "// database: { engine: 'mariadb' }, // default: MySQL where the distribution has it, otherwise MariaDB"
      : `database: { engine: ${literal(database)} },`
  }
  ${email === undefined ? "// https: { email: 'you@example.com' }, // where the certificate authority writes to" : `https: { email: ${literal(email)} },`}
${peoplePart(people)}

  ${backups === undefined ? "// backups: { to: 'sftp:user@host:/path' }, // every night; also a folder, or s3:https://host/bucket" : `backups: { to: ${literal(backups)} }, // every night, and proven every week`}
});
`;
}

function peoplePart(people: NonNullable<Answers['people']>): string {
  const keys = Object.entries(people).map(([name, key]) => `\n    ${literal(name)}: ${literal(key)},`);
  if (keys.length > 0)
    return `\n  // May log in over SSH as the user of \`server\`, so with all its rights:\n  sshKeys: {${keys.join('')}\n  },`;
  return "\n  // sshKeys: { anna: 'keys/anna.pub' }, // who may log in to the host besides you";
}

function phpPart({ php, runtime = 'php' }: Answers): string {
  if (php !== undefined) return `\n  php: { version: ${literal(php)} },`;
  return runtime === 'php' ? "\n  // php: { version: '8.4' }, // default: the distribution's version" : '';
}

function appPart(app: string | undefined): string {
  if (app === undefined)
    return `
  // Until you name an application, the bundled site is served:
  // app: { source: './my-site' },
`;
  return `
  app: {
    source: ${literal(app)}, // a \`.deployignore\` in it names what is not sent
    // shared: ['uploads'], // shared by all releases; PHP may write here
    // build: ['npm run build'], // runs on this machine, before the files are sent
  },
`;
}
