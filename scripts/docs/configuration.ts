import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { runtimeNames, runtimes } from '../../src/runtimes/index.ts';
import { table } from './markdown.ts';

const sources = ['src/config-file/define.ts', 'src/config/host.ts', 'src/limits.ts', 'src/application/git.ts', 'src/runtimes/index.ts'];

/** The place of a type in the configuration. */
interface Part {
  readonly type: string;
  readonly key: string;
  readonly title: string;
}

/** The parts before those of the runtimes, in the order of the page. */
const firstParts: readonly Part[] = [
  { type: 'UserConfig', key: '', title: 'The host' },
  { type: 'UserServers', key: 'servers', title: '`servers`' },
  { type: 'UserServer', key: 'servers.ROLE', title: 'A server of `servers`, as an object' },
  { type: 'UserBackups', key: 'backups', title: '`backups`' },
  { type: 'hostParts', key: 'host', title: '`host`' },
  { type: 'UserSite', key: '', title: 'A site' },
  { type: 'UserApp', key: 'app', title: '`app`' },
  { type: 'UserHealth', key: 'app.health', title: '`app.health`' },
  { type: 'UserLimits', key: 'limits', title: '`limits`' },
  { type: 'GitSource', key: 'app.source', title: '`app.source`, as a git repository' },
];

const lastParts: readonly Part[] = [
  { type: 'UserDatabase', key: 'database', title: '`database`' },
  { type: 'UserCache', key: 'cache', title: '`cache`, as an object' },
  { type: 'UserMail', key: 'mail', title: '`mail`' },
  { type: 'UserHttps', key: 'https', title: '`https`, as an object' },
  { type: 'UserWeb', key: 'web', title: '`web`' },
  { type: 'UserWorker', key: 'workers.NAME', title: '`workers`: an object by name' },
  { type: 'UserCron', key: 'cron.NAME', title: '`cron`: an object by name' },
];

/** Returns a table for each part of the configuration, from the types and comments that an editor also shows. */
export function configurationTables(): string {
  const ofRuntimes = runtimeNames.map((name) => ({ name, declared: declarationsIn(`src/runtimes/${name}/${name}.ts`) }));
  const interfaces = new Map([...sources.flatMap(declarationsIn), ...ofRuntimes.flatMap(({ declared }) => declared)]);
  const parts = [...firstParts, ...ofRuntimes.flatMap(({ name, declared }) => partsOf(name, declared)), ...lastParts];
  const missing = [...interfaces.keys()].filter((name) => name.startsWith('User') && !parts.some(({ type }) => type === name));
  if (missing.length > 0) throw new Error(`scripts/docs/configuration.ts has no place for ${missing.join(', ')}`);
  return parts
    .map(({ type, key, title }) => {
      const found = interfaces.get(type) ?? [];
      const runtimeKeys = type === 'UserSite' ? (interfaces.get('runtimes') ?? []).filter(hasKey) : [];
      if (found.length === 0) throw new Error(`there is no type ${type} in ${sources.join(' or ')}, or in a runtime`);
      return `### ${title}\n\n${table(
        ['Key', 'Type', 'Meaning'],
        [...found.flatMap((member) => rowOf(member, key)), ...runtimeKeys.flatMap((member) => rowOf(member, key, 'object'))],
      )}`;
    })
    .join('\n\n');
}

/** Returns the parts of a runtime: the type that is named after it, and the types of its members. */
function partsOf(runtime: string, declared: readonly Declared[]): readonly Part[] {
  const own = `User${runtime.charAt(0).toUpperCase()}${runtime.slice(1)}`;
  const members = new Map(declared).get(own) ?? [];
  return declared.flatMap(([type]) => {
    if (type === own) return [{ type, key: runtime, title: `\`${runtime}\`` }];
    const holder = members.find((member) => ts.isPropertySignature(member) && member.type?.getText().match(/\w+/)?.[0] === type);
    const key = `${runtime}.${holder?.name?.getText()}`;
    return holder ? [{ type, key, title: `\`${key}\`` }] : [];
  });
}

/** Returns whether a runtime has settings in a configuration. */
function hasKey({ name }: ts.NamedDeclaration): boolean {
  return runtimeNames.some((runtime) => runtime === name?.getText() && runtimes[runtime].schema !== undefined);
}

type Declared = readonly [name: string, members: readonly ts.NamedDeclaration[]];

/** Returns the members of each interface of a file, and of each constant that is an object, by its name. */
function declarationsIn(path: string): readonly Declared[] {
  const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement): readonly Declared[] => {
    if (ts.isInterfaceDeclaration(statement)) return [[statement.name.text, statement.members]];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
      initializer && ts.isObjectLiteralExpression(initializer) ? [[name.getText(), initializer.properties]] : [],
    );
  });
}

/** Returns the row of a key. `as` is its type if the member's own type is not the one to show; such a key is optional. */
function rowOf(member: ts.NamedDeclaration, above: string, as?: string): readonly (readonly string[])[] {
  const isRequired = as === undefined && ts.isPropertySignature(member) && member.questionToken === undefined;
  const type = as ?? (ts.isPropertySignature(member) ? member.type && typeOf(member.type) : valueTypeOf(member));
  if (type === undefined || !member.name) return [];
  const name = member.name.getText();
  const comment = ts.getJSDocCommentsAndTags(member).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '');
  const meaning = comment.join(' ').replaceAll(/\s+/g, ' ').trim();
  if (meaning === '') throw new Error(`the key ${name} has no comment that says what it means`);
  return [[`\`${above ? `${above}.` : ''}${name}\`${isRequired ? ' (required)' : ''}`, `\`${type}\``, meaning]];
}

/** Returns the type of a key that a constant describes: a boolean, or an object. */
function valueTypeOf(member: ts.NamedDeclaration): string {
  return ts.isPropertyAssignment(member) && member.initializer.kind === ts.SyntaxKind.TrueKeyword ? 'boolean' : 'object';
}

/** Returns a type in the form that users see. */
function typeOf(type: ts.TypeNode): string {
  return type
    .getText()
    .replaceAll(/\s*\|\s*undefined/g, '')
    .replaceAll('readonly ', '')
    .replaceAll(/Readonly<(Record<.*>)>/g, '$1')
    .replaceAll(/Record<string, (.*)>/g, '{ NAME: $1 }')
    .replaceAll(/\bRuntimeName\b/g, runtimeNames.map((name) => `'${name}'`).join(' | '))
    .replaceAll(/\bUserSite\b/g, 'site')
    .replaceAll(/\b(?:User[A-Z]\w+|GitSource)\b/g, 'object')
    .replaceAll("'", '"');
}
