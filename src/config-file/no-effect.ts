import { Problem } from '../error.ts';
import { type RuntimeName, runtimeNames } from '../runtimes/index.ts';
import type { UserSite } from './define.ts';

/** A key that does nothing for some kinds of applications. */
interface Ineffective {
  readonly key: string;
  /** Whether the configuration has it. */
  readonly isSet: (site: UserSite) => boolean;
  /** The kinds of applications for which it has no effect. */
  readonly kinds: readonly RuntimeName[];
  readonly why: string;
  /** What to do, besides removing it. */
  readonly instead?: string;
}

const servesFilesOnly = ({ web }: UserSite) => Object.keys(web?.proxy ?? {}).length === 0;
const runsNothing = ({ workers, cron, app }: UserSite) =>
  [workers, cron, app?.hooks].every((programs) => Object.keys(programs ?? {}).length === 0);

const allBut = (kind: RuntimeName) => runtimeNames.filter((name) => name !== kind);

const ineffective: readonly Ineffective[] = [
  ...(['version', 'extensions', 'repository', 'settings', 'stderr'] as const).map(
    (key): Ineffective => ({
      key: `php.${key}`,
      isSet: ({ php }) => php?.[key] !== undefined,
      kinds: allBut('php'),
      why: 'PHP does not run for it',
    }),
  ),
  ...(['module', 'packages'] as const).map(
    (key): Ineffective => ({
      key: `python.${key}`,
      isSet: ({ python }) => python?.[key] !== undefined,
      kinds: allBut('python'),
      why: 'Gunicorn does not run for it',
      ...(key === 'packages' && { instead: '`packages` installs Debian packages for workers and scheduled commands.' }),
    }),
  ),
  ...(['start', 'port'] as const).map(
    (key): Ineffective => ({
      key: `node.${key}`,
      isSet: ({ node }) => node?.[key] !== undefined,
      kinds: allBut('node'),
      why: 'Node.js does not answer its requests',
    }),
  ),
  {
    key: 'command',
    isSet: ({ command }) => command !== undefined,
    kinds: allBut('command'),
    why: 'another program answers its requests',
  },
  {
    key: 'web.cache',
    isSet: ({ web }) => Boolean(web?.cache),
    kinds: allBut('php'),
    why: 'only responses of PHP are cached',
  },
  {
    key: 'web.routes',
    isSet: ({ web }) => Object.values(web?.routes ?? {}).some((to) => typeof to === 'string' && /\.php(?:[?/]|$)/.test(to)),
    kinds: ['static'],
    why: 'an address in it leads to a PHP script, and PHP does not run',
  },
  {
    key: 'cache.sessions',
    isSet: ({ cache }) => typeof cache === 'object' && cache.sessions === true,
    kinds: allBut('php'),
    why: 'only sessions of PHP can be kept in the cache',
  },
  {
    key: 'limits.memory',
    isSet: ({ limits }) => limits?.memory !== undefined,
    kinds: allBut('php'),
    why: 'it limits the memory of a PHP request',
  },
  {
    key: 'limits.seconds',
    isSet: ({ limits }) => limits?.seconds !== undefined,
    kinds: ['static'],
    why: 'no program answers its requests',
  },
  {
    key: 'limits.upload',
    isSet: (site) => site.limits?.upload !== undefined && servesFilesOnly(site),
    kinds: ['static'],
    why: 'no program takes uploads',
  },
  {
    key: 'app.env',
    isSet: (site) => Object.keys(site.app?.env ?? {}).length > 0 && runsNothing(site),
    kinds: ['static'],
    why: 'no program on the host reads variables',
    instead: 'A command of app.build gets those of this machine.',
  },
];

const named: Readonly<Record<RuntimeName, string>> = {
  php: 'a PHP application',
  python: 'a Python application',
  node: 'a Node.js application',
  command: 'an application that a command starts',
  static: 'a static site',
};

/** Throws a Problem that names the keys of a site that have no effect for its kind of application, so that nobody relies on them. */
export function requireEffect(site: UserSite, kind: RuntimeName, domain: string): void {
  const found = ineffective.filter(({ isSet, kinds }) => kinds.includes(kind) && isSet(site));
  if (found.length === 0) return;
  throw new Problem({
    message: `${domain} is ${named[kind]}, for which these keys have no effect:\n${found.map(({ key, why }) => `  ${key}: ${why}`).join('\n')}`,
    hint: [
      'Remove them, or set app.runtime if it is another kind of application.',
      ...new Set(found.flatMap(({ instead }) => instead ?? [])),
    ].join(' '),
  });
}
