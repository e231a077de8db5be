import { calendarOf } from '../config-file/calendar.ts';
import { sitePaths } from '../host-paths.ts';
import type { Texts } from './nginx.ts';
import type { Remark } from './remark.ts';

/** A scheduled command of the old server, for the new one. */
export interface OldSchedule {
  readonly name: string;
  readonly schedule: string;
  readonly command: string;
}

/** A program of the old server that runs all the time, for the new one. */
export interface OldWorker {
  readonly name: string;
  readonly command: string;
  readonly count: number;
}

interface Place {
  /** The application's folder on the old server. */
  readonly root: string;
  readonly domain: string;
}

interface Schedules {
  readonly cron: readonly OldSchedule[];
  readonly remarks: readonly Remark[];
}

/**
 * Returns the scheduled commands of a crontab. `hasUser` says whether a line names the user after its schedule, as in `/etc/cron.d`; such a
 * line counts if it is for `user` or names the application's folder.
 */
export function schedulesIn(text: string, at: string, place: Place, hasUser?: { readonly user: string }): Schedules {
  const cron: OldSchedule[] = [];
  const remarks: Remark[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    const where = `${at}:${index + 1}`;
    if (line === '' || line.startsWith('#')) return;
    if (/^[A-Za-z_]\w*\s*=/.test(line)) {
      if (!hasUser && !/^(?:MAILTO|PATH|SHELL|HOME)\s*=/.test(line))
        remarks.push({ at: where, text: `${line.replace(/=.*/s, '')} is set for the scheduled commands; add it to app.env.` });
      return;
    }
    const [, schedule = '', rest = ''] = /^(@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line) ?? [];
    const [, user = '', words = ''] = hasUser ? (/^(\S+)\s+(.*)$/.exec(rest) ?? []) : ['', '', rest];
    if (hasUser && user !== hasUser.user && !words.includes(`${place.root}/`) && !words.endsWith(place.root)) return;
    if (hasUser && /sessionclean|^root$/.test(user === 'root' && !words.includes(place.root) ? user : words)) return;
    const plain = schedule.replaceAll(/\s+/g, ' ');
    // In a crontab, an unescaped % ends the command and begins its input.
    const input = /(?<!\\)%/.test(words);
    const command = commandOn(words.replaceAll('\\%', '%'), place);
    if (command === '' || input || calendarOf(plain) === undefined)
      remarks.push({ at: where, text: `${schedule} ${words.slice(0, 60)} cannot be imported as a scheduled command.` });
    else cron.push({ name: nameOf(command, new Set(cron.map(({ name }) => name))), schedule: plain, command });
  });
  return { cron, remarks };
}

/** Returns a command as the new server runs it: in the live release, with the site's own `php`. */
export function commandOn(command: string, { root, domain }: Place): string {
  const { current } = sitePaths(domain);
  return command
    .replaceAll(/(^|[\s;&|(])(?:\/[\w./-]+\/)?php(?:-?\d(?:\.?\d)?)?(?=\s)/g, '$1php')
    .split(root)
    .join(current)
    .replace(new RegExp(`^cd ${current}/? *&& *`), '')
    .trim();
}

function nameOf(command: string, taken: ReadonlySet<string>): string {
  const words =
    command.replace(/>.*$/, '').match(/(?<=artisan |console )[\w:-]+|[\w-]+(?=\.(?:php|sh|py)\b)/g) ??
    command.match(/[a-zA-Z][\w-]+/g) ??
    [];
  const known = words.find((word) => !/^(?:php|usr|bin|srv|www|cd|curl|wget|https?|current|artisan|env|flock|nice)$/i.test(word)) ?? 'task';
  const base =
    known
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 24) || 'task';
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** Returns the programs that supervisor or systemd run in the application's folder. */
export function workersIn(texts: Texts, place: Place): readonly OldWorker[] {
  const found: OldWorker[] = [];
  for (const [path, text] of texts) {
    if (!text.includes(place.root)) continue;
    if (/supervisor/.test(path)) {
      for (const [, name = '', body = ''] of text.matchAll(/^\[program:([^\]]+)\]([\s\S]*?)(?=^\[|$(?![\s\S]))/gm)) {
        const command = /^\s*command\s*=\s*(.+)$/m.exec(body)?.[1];
        const count = Number(/^\s*numprocs\s*=\s*(\d+)/m.exec(body)?.[1] ?? 1);
        if (command && body.includes(place.root)) found.push({ name: plainName(name), command: commandOn(command, place), count });
      }
    } else if (/\/systemd\/system\/[^/]+\.service$/.test(path)) {
      const command = /^ExecStart=[-@:+!]*(.+)$/m.exec(text)?.[1];
      if (command && !/^Type=oneshot/m.test(text))
        found.push({ name: plainName(path.replace(/.*\/([^/]+)\.service$/, '$1')), command: commandOn(command, place), count: 1 });
    }
  }
  return found;
}

function plainName(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'worker'
  );
}
