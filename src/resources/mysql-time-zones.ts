import { sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { database } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { stateFolder } from '../host-paths.ts';
import { readDatabase } from './shell.ts';

const timeZones = bundledLibrary('run/time-zones.sh', database);

interface TimeZonesState {
  /** The number of zones that the server knows by name; undefined if it does not answer. */
  readonly known?: number;
  /** The packages that we loaded them from; empty if somebody else loaded them. */
  readonly loaded: string;
  /** The packages that they would be loaded from now: `tzdata 2026a-1`. */
  readonly offered: string;
}

/**
 * Describes that the database server knows the names of time zones (`Europe/Berlin`) from the host's tzdata package. Zones that somebody
 * else has loaded stay.
 */
export function mysqlTimeZones(): Resource {
  return mysqlTimeZonesKind.resource('zoneinfo', { state: 'present' });
}

export const mysqlTimeZonesKind = defineKind<{ readonly state: 'present' }, TimeZonesState>({
  name: 'mysql-time-zones',
  phase: 'state',
  shell: { run: [timeZones], read: [readDatabase] },
  read: () => sh`read_time_zones ${stateFolder}`,
  parse: (output) => {
    const [, known = '', loaded = '', offered = ''] = /^zones\t([^\t]*)\t([^\t]*)\t(.*)$/m.exec(output) ?? [];
    return offered === '' ? new Map() : new Map([['zoneinfo', { ...(known !== '' && { known: Number(known) }), loaded, offered }]]);
  },
  diff: (_, __, current) => {
    const step = { kind: 'plain', apply: sh`load_time_zones` } as const;
    // Loaded zones do no harm, so they stay.
    const undo = sh`:`;
    if (current === undefined) return [{ action: 'create', summary: 'load', step, undo }];
    const { known, loaded, offered } = current;
    if (known === undefined) return [{ action: 'create', summary: 'load', step, undo, basis: 'unread' }];
    if (known === 0) return [{ action: 'create', summary: `load from ${offered}`, step, undo }];
    return loaded === '' || loaded === offered ? [] : [{ action: 'update', summary: `${loaded} -> ${offered}`, step, undo }];
  },
});
