import {
  type Command,
  type Facts,
  identifierOf,
  type Resource,
  type Scope,
  type Site,
  service,
  sh,
  template,
  timesOf,
} from '../../src/index.ts';
import { databaseOf } from '../database/engine.ts';
import { siteHardening } from '../host/hardening.ts';
import { pathsOf, userOf } from '../host/paths.ts';
import { viewOf } from '../host/view.ts';
import { environmentFile, secretsOf } from './environment.ts';
import { ask, type Instance, instanceOf, noFile } from './instance.ts';
import type { Locations } from './runtime.ts';
import { storedLine } from './stored.ts';
import { schemeOf } from './visitor.ts';

/** A program that answers HTTP, as far as it differs from the others. */
interface Program {
  /** What runs, for the unit's description: `Node.js`. */
  readonly title: string;
  readonly needs: readonly Resource[];
  /** Environment variables that the application and what runs beside it have by default. */
  readonly usual?: Readonly<Record<string, string>>;
  /** The lines of the unit that start it. */
  readonly start: string;
}

/**
 * Returns the instance of a program that answers HTTP on a socket that systemd holds. It loads its code when it starts, so each release has
 * an instance of its own. `name` is the runtime's.
 */
export function httpProgram(scope: Scope, facts: Facts, name: string, { title, needs, usual, start }: Program): Instance {
  const { site } = scope;
  const times = timesOf(site.limits);
  const database = databaseOf(site, facts);
  const named = { title, domain: site.domain, user: userOf(site) };
  return instanceOf(site, name, {
    protocol: 'http',
    needs,
    first: ({ folder, template: file, unit }) => [
      service(socketUnit(unit), {
        running: true,
        enabled: true,
        path: `${folder}/${socketUnit(file)}`,
        activates: `${folder}/${file}`,
      }),
    ],
    files: (place) => ({
      environment: { content: environmentFile(site, database, usual), mode: '0600', secrets: secretsOf(site, database) },
      [socketUnit(place.template)]: {
        content: template('runtimes/http/program.socket', { domain: site.domain, socket: place.socket, user: userOf(site) }),
      },
      [place.template]: {
        content: template('runtimes/http/program.service', {
          ...named,
          root: pathsOf(site).current,
          socketUnit: socketUnit(place.template).replace('@.', '@%i.'),
          folder: place.folder,
          stored: storedLine(site, facts),
          socket: place.socket,
          start: start.trimEnd(),
          ask,
          wait: times.wait,
          stop: times.stop,
          view: viewOf(site, [], { kind: 'of-instance' }),
          hardening: siteHardening(scope, facts, []),
        }),
      },
    }),
  });
}

/** Returns nginx's configuration for such a program, which answers every address that is not a file. */
export function httpLocations(site: Site, release: string): Locations {
  const variable = identifierOf(site.domain);
  const upstream = template('runtimes/http/upstream.conf', { release, scheme: schemeOf(site) });
  return {
    before: template('runtimes/http/websocket.conf', { variable }).trimEnd(),
    locations: template('runtimes/http/nginx.conf', {
      variable,
      upstream: upstream.trimEnd(),
      wait: timesOf(site.limits).wait,
    }).trimEnd(),
    // Without a separate docroot, no files are served: those beside the program are not for visitors.
    tries: `${site.app.source.docroot === '.' ? noFile : '$uri'} @application`,
    index: 'index.html',
    body: '',
  };
}

/** Returns a command that prints the last lines of such a program's log. `name` is the runtime's. */
export function logOf(name: string): (site: Site) => Command {
  return ({ domain }) => sh`journalctl --no-pager -o cat -n 10 -u ${`${name}-${domain}-*`}`;
}

/** Returns PATH and HOME for the programs of a site. HOME is a folder that they can write. */
export function programEnvironment(site: Site, ...folders: readonly string[]): Readonly<Record<string, string>> {
  return { PATH: [...folders, '/usr/local/bin', '/usr/bin', '/bin'].join(':'), HOME: pathsOf(site).shared };
}

/**
 * Returns a command line in which the shell replaces itself with the program (`exec`), so that signals and a socket of systemd reach the
 * program. In a list of commands, the program is the last one. Any other command line is returned unchanged. `env` accepts variables before
 * the program's name.
 */
export function becoming(command: string): string {
  const unquoted = command.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"|\\./g, (quoted) => '_'.repeat(quoted.length));
  if (/[|<>(){}`]|(?<!&)&(?!&)|(?:^|[;&]\s*)(?:exec|if|for|while|until|case|!)\s/.test(unquoted)) return command;
  const start = /^.*(?:&&|;)\s*/.exec(unquoted)?.[0].length ?? 0;
  return start === command.length ? command : `${command.slice(0, start)}exec env ${command.slice(start)}`;
}

function socketUnit(unit: string): string {
  return unit.replace(/\.service$/, '.socket');
}
