import { createHash } from 'node:crypto';
import { directory, file, identifierOf, type Resource, type Site, service, template } from '../../src/index.ts';
import { pathsOf, releaseOf } from '../host/paths.ts';

/**
 * What answers a release's requests: its configuration, which other releases may have too, its unit, and the socket that nginx passes
 * requests to.
 */
export interface Instance {
  /** Eight hexadecimal digits over all that its files say. Another configuration, or another release, starts beside the one that serves. */
  readonly id: string;
  readonly folder: string;
  readonly unit: string;
  readonly socket: string;
  readonly protocol: 'fastcgi' | 'http';
  /** The application's environment, as systemd reads it, for what runs beside it. */
  readonly environment: string;
  /** The file where the application writes its errors; none where they are in the journal. */
  readonly errors?: string;
  /** What it cannot run without, such as its packages: on the host for as long as a release that it answers for. */
  readonly needs: readonly Resource[];
  /** Its files and its services, in the order in which they are made. */
  readonly resources: readonly Resource[];
  readonly services: readonly Resource[];
}

/** Where an instance's files are, and what it is called. */
export interface Place {
  readonly folder: string;
  /** The file of its unit, a template: a unit of it runs for each release. */
  readonly template: string;
  /** The socket, as the template names it. */
  readonly socket: string;
}

/** The part of an instance that is one release's. */
interface OfRelease {
  readonly unit: string;
  readonly socket: string;
}

export interface InstanceFile {
  readonly content: string;
  readonly mode?: string;
  readonly secrets?: readonly string[];
}

/** The program that asks an application over its own socket. */
export const ask = '/usr/local/lib/foobar-provision/ask';

/**
 * Names an instance after what `files` say of it, and describes it for the site's release. The file that is called as the template is its
 * unit's.
 */
export function instanceOf(
  site: Site,
  name: string,
  options: {
    readonly protocol: Instance['protocol'];
    readonly files: (place: Place) => Readonly<Record<string, InstanceFile>>;
    readonly errors?: string;
    /** See `Instance`; other packages make another instance of it. */
    readonly needs: readonly Resource[];
    /** What it needs besides, which is the same for every instance of the site. */
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
  const own = service(its.unit, { running: true, enabled: true, path: `${place.folder}/${place.template}` });
  const services = [...(options.first?.({ ...place, ...its }) ?? []), own];
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

/** What nginx has of a runtime whose releases are answered by instances; `file` are its locations. */
export function answeredByRelease(
  site: Site,
  file: string,
  values: Readonly<Record<string, string>> = {},
): { readonly before: string; readonly locations: string } {
  const variable = identifierOf(site.domain);
  const { releases } = pathsOf(site);
  return {
    // Tells of which release a request is served, so that one link beside it decides who answers.
    before: template('runtimes/release.conf', { variable, releases: releases.replaceAll('.', '\\.') }).trimEnd(),
    locations: template(file, { variable, releases, ...values }).trimEnd(),
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

/** What nginx's `try_files` finds no file for: a folder. */
export const noFile = '/.';
