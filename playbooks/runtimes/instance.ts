import { createHash } from 'node:crypto';
import { directory, file, type Resource, type Site, service } from '../../src/index.ts';
import { pathsOf, releaseOf } from '../host/paths.ts';

/**
 * What answers a release's requests: its configuration, which it may share with other releases, its unit, and the socket that nginx passes
 * requests to.
 */
export interface Instance {
  /** Eight hexadecimal digits of a hash of its files. A different configuration or release starts beside the live one. */
  readonly id: string;
  readonly folder: string;
  readonly unit: string;
  readonly socket: string;
  readonly protocol: 'fastcgi' | 'http';
  /** The environment file, for hooks, workers and scheduled commands. */
  readonly environment: string;
  /** The file where the application writes its errors; undefined if they are in the journal. */
  readonly errors?: string;
  /** What it cannot run without, such as its packages. They stay on the host as long as a release that it answers for. */
  readonly needs: readonly Resource[];
  /** Its files and its services, in the order in which they are made. */
  readonly resources: readonly Resource[];
  readonly services: readonly Resource[];
}

/** The paths of an instance's files, and its names. */
export interface Place {
  readonly folder: string;
  /** The file name of its template unit, which is instantiated for each release. */
  readonly template: string;
  /** The socket's path in the template. */
  readonly socket: string;
}

/** The part of an instance that belongs to one release. */
interface OfRelease {
  readonly unit: string;
  readonly socket: string;
}

export interface InstanceFile {
  readonly content: string;
  readonly mode?: string;
  readonly secrets?: readonly string[];
}

/** The program that sends a request to an application over its own socket. */
export const ask = '/usr/local/lib/foobar-provision/ask';

/** Returns the instance for the site's release, named after a hash of `files`. The file with the name of the template is its unit. */
export function instanceOf(
  site: Site,
  name: string,
  options: {
    readonly protocol: Instance['protocol'];
    readonly files: (place: Place) => Readonly<Record<string, InstanceFile>>;
    readonly errors?: string;
    /** See `Instance`. Different packages make a different instance. */
    readonly needs: readonly Resource[];
    /** Additional needs, which are the same for every instance of the site. */
    readonly folders?: readonly Resource[];
    /** Services that start before its own. */
    readonly first?: (place: Omit<Place, 'socket'> & OfRelease) => readonly Resource[];
    readonly notify?: (place: Omit<Place, 'socket'> & OfRelease) => NonNullable<Parameters<typeof file>[1]['notify']>;
  },
): Instance {
  const id = createHash('sha256')
    .update(JSON.stringify([options.files(placeOf(site, name, '')), options.needs.map(({ kind, id }) => `${kind}:${id}`)]))
    .digest('hex')
    .slice(0, 8);
  const place = placeOf(site, name, id);
  const its = ofRelease(site, place);
  const files = Object.entries(options.files(place));
  const main = service(its.unit, { running: true, enabled: true, path: `${place.folder}/${place.template}` });
  const services = [...(options.first?.({ ...place, ...its }) ?? []), main];
  return {
    id,
    folder: place.folder,
    ...its,
    protocol: options.protocol,
    environment: `${place.folder}/environment`,
    ...(options.errors && { errors: options.errors }),
    needs: [...options.needs, ...(options.folders ?? [])],
    resources: [
      directory(place.folder, { retained: true }),
      ...files.map(([path, { content, mode, secrets }]) =>
        file(`${place.folder}/${path}`, {
          content,
          ...(mode && { mode }),
          ...(secrets && { secrets }),
          ...(options.notify && { notify: options.notify({ ...place, ...its }) }),
          retained: true,
        }),
      ),
      ...services,
    ],
    services,
  };
}

function placeOf(site: Site, name: string, id: string): Place {
  return {
    folder: `${pathsOf(site).instances}/${id}`,
    template: `${name}-${site.domain}-${id}@.service`,
    socket: `${pathsOf(site).sockets}/${id}@%i.sock`,
  };
}

function ofRelease(site: Site, { template, socket }: Place): OfRelease {
  return { unit: template.replace('@.', `@${releaseOf(site)}.`), socket: socket.replace('%i', releaseOf(site)) };
}

/** A path that nginx's `try_files` never finds as a file, because it is a folder. */
export const noFile = '/.';
