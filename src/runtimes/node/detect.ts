import { type Detected, type Files, hasPage, type Rule } from '../detected.ts';
import { assetsFolder } from '../http-program.ts';
import { type Manifest, manifestOf } from './manifest.ts';

/** Folders of files for visitors, which frameworks serve at `/`. */
const assetFolders = ['.output/public', 'dist/client', 'build/client', 'public', 'static'];

/** Recognizes a server by the output of a framework's build, or by how package.json starts it. */
export const detect: Rule = (files) => {
  const { paths } = files;
  if (paths.some((path) => path.endsWith('.php'))) return undefined;
  const manifest = manifestOf(files);
  const built = builtServer(files);
  const started = manifest && startOf(files, manifest);
  const program = built?.program ?? started;
  if (program === undefined) return undefined;
  const docroot = assetsFolder(paths, assetFolders);
  const name = built?.name ?? frameworkOf(manifest);
  return {
    name: name === undefined ? 'a Node.js application' : `a Node.js application (${name})`,
    program,
    docroot: docroot === '.' && hasPage(files, 'dist') && !program.includes('dist/') ? 'dist' : docroot,
    shared: [],
    writable: paths.some((path) => path.startsWith('.next/')) ? ['.next/cache'] : [],
    healthPath: healthPathOf(files, program),
    ...(manifest?.engine !== undefined && { engine: manifest.engine }),
  } satisfies Detected;
};

/** The files that frameworks build to be started. */
const builtServers = [
  { name: 'Nuxt', file: '.output/server/index.mjs', program: 'node .output/server/index.mjs' },
  { name: 'Astro', file: 'dist/server/entry.mjs', program: 'node dist/server/entry.mjs' },
  { name: 'SvelteKit', file: 'build/handler.js', program: 'node build' },
] as const;

function builtServer({ has }: Files): (typeof builtServers)[number] | undefined {
  return builtServers.find(({ file }) => has(file));
}

/** Returns whether the application needs nothing but the output of its build. */
export function isSelfContained({ has }: Files): boolean {
  return has('.output/server/index.mjs');
}

/** Commands of frameworks that start a server for visitors. Those of development servers and of bundlers are not here. */
const serverCommands =
  /^(?:next start|nuxt start|nuxi start|remix-serve|react-router-serve|fastify start|strapi start|directus start|medusa start|keystone start|sails lift|tsx|ts-node)(?: |$)/;

/** Returns the command that starts the application for visitors; undefined if package.json is there only to build pages. */
function startOf(files: Files, manifest: Manifest): string | undefined {
  const script = expanded(manifest, 'start');
  if (script === undefined) {
    // Without a start script, npm runs server.js. The file that `main` names is used too.
    const file = ['server.js', ...(manifest.main === undefined ? [] : [manifest.main])].find(files.has);
    return file !== undefined && isServer(files.text(file)) ? `node ${file}` : undefined;
  }
  const command = script.replace(/^cross-env(?:-shell)? /, '');
  const words = command.replace(/^(?:[A-Za-z_]\w*=\S* +)+/, '');
  // The pages of a static export are there to be served without Next.js.
  if (serverCommands.test(words)) return words.startsWith('next ') && hasPage(files, 'out') ? undefined : command;
  const file = nodeFile(words);
  if (file === undefined) return undefined;
  const isForVisitors = frameworkOf(manifest) !== undefined || isServer(files.text(file)) || !hasAnyPage(files);
  return isForVisitors ? command : undefined;
}

/** Returns a script of package.json; one that only runs another script is replaced with that. */
function expanded({ scripts }: Manifest, name: string): string | undefined {
  let script = scripts[name];
  for (let depth = 0; depth < 5 && script !== undefined; depth += 1) {
    const other = /^(?:npm run|pnpm(?: run)?|yarn(?: run)?) ([\w:.-]+)$/.exec(script.trim())?.[1];
    if (other === undefined || scripts[other] === undefined) return script.trim();
    script = scripts[other];
  }
  return undefined;
}

/** Returns the file that a command runs with `node`. */
function nodeFile(command: string): string | undefined {
  const [program, ...rest] = command.split(/\s+/);
  return program === 'node' ? rest.find((word) => !word.startsWith('-'))?.replace(/^\.\//, '') : undefined;
}

function isServer(text: string): boolean {
  return /\blisten\s*\(|\bcreateServer\b|\bserve\s*\(/.test(text);
}

function hasAnyPage(files: Files): boolean {
  return ['.', 'public', 'dist', 'out', 'build', '_site'].some((folder) => hasPage(files, folder));
}

const frameworks = {
  next: 'Next.js',
  nuxt: 'Nuxt',
  '@nestjs/core': 'NestJS',
  '@remix-run/node': 'Remix',
  '@react-router/node': 'React Router',
  '@astrojs/node': 'Astro',
  '@sveltejs/adapter-node': 'SvelteKit',
  '@strapi/strapi': 'Strapi',
  directus: 'Directus',
  '@adonisjs/core': 'AdonisJS',
  express: 'Express',
  fastify: 'Fastify',
  koa: 'Koa',
  '@hapi/hapi': 'hapi',
  hono: 'Hono',
  'socket.io': 'Socket.IO',
  ws: 'ws',
} as const;

function frameworkOf(manifest: Manifest | undefined): string | undefined {
  return Object.entries(frameworks).find(([dependency]) => manifest?.dependencies.includes(dependency))?.[1];
}

/** Returns the address that the server's own file answers for health checks, if it has one with a usual name. */
function healthPathOf(files: Files, program: string): string {
  const text = files.text(nodeFile(program.replace(/^(?:[A-Za-z_]\w*=\S* +)+/, '')) ?? '');
  return /['"`](\/(?:api\/)?(?:_?healthz?|health-?check|livez|readyz|up))['"`]/.exec(text)?.[1] ?? '/';
}
