import { handlerId } from '../../engine/handler.ts';
import { partOfHandler, siteOf } from '../../engine/part.ts';
import { nameOf } from '../../engine/resource-id.ts';
import type { Problem } from '../../error.ts';
import type { Event, Result } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import { previousOf } from '../../release/inventory.ts';
import { version } from '../../version.ts';
import type { Options } from '../options.ts';
import type { Reporter } from './reporter.ts';

/** Returns a reporter that prints one JSON object per line to standard output, and nothing else. */
export function jsonReporter({ env }: Pick<Options, 'env'> = {}): Reporter {
  const started = performance.now();
  // It is bound now, so that it still works if a configuration redirects standard output.
  const write = process.stdout.write.bind(process.stdout);
  const print = (event: string, fields: object) =>
    write(`${escaped(JSON.stringify({ event, at: new Date().toISOString(), ...fields }))}\n`);
  print('start', { schema: 1, version, ...(env && { environment: env }) });
  return {
    emit: (event) => {
      for (const [name, fields] of described(event)) print(name, fields);
    },
    pause: () => {},
    finish: (result: Result, problem?: Problem) => {
      print('result', {
        ok: result.ok,
        changed: result.changed,
        checked: result.checked,
        healthy: result.healthy ?? null,
        durationMs: Math.round(performance.now() - started),
        exitCode: result.exitCode,
        ...(result.hosts.length > 1
          ? { hosts: result.hosts.map(({ failed: _, ...host }) => host) }
          : result.hosts[0]?.sites && { sites: result.hosts[0].sites }),
        ...(problem && { error: errorOf(problem) }),
      });
      if (problem) process.stderr.write(`${printable(`${problem.message}\n${problem.details.hint ?? ''}`)}\n`);
    },
  };
}

/** Escapes characters that a terminal would act on. The JSON has the same meaning. */
function escaped(json: string): string {
  return json.replaceAll(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function errorOf({ details }: Problem): object {
  const { message, hint, host, site, step, command, commandExit, stderr } = details;
  return { message, hint, host, site, step, command, commandExit, stderr };
}

/** Returns the domain of what only one of several sites has. */
function siteField(part: string | undefined): object {
  const site = siteOf(part);
  return site === undefined ? {} : { site };
}

function described(event: Event): readonly (readonly [string, object])[] {
  switch (event.event) {
    case 'plan':
      return [
        ...event.plan.changes.map(
          ({ resource, action, reason, summary, diff, part }) =>
            [
              'change',
              { host: event.host, ...siteField(part), resource: nameOf(resource), action, reason, summary, ...(diff && { diff }) },
            ] as const,
        ),
        ...event.plan.handlers.map(
          (handler) =>
            [
              'change',
              {
                host: event.host,
                ...siteField(partOfHandler(handler, event.plan.changes)),
                resource: `handler:${handlerId(handler)}`,
                action: 'run',
                reason: handler.pending ? 'pending' : 'update',
                summary: handler.summary,
              },
            ] as const,
        ),
        ...event.plan.refused.map(
          ({ resource, summary }) => ['refused', { host: event.host, resource: nameOf(resource), summary }] as const,
        ),
      ];
    case 'releases': {
      const { host, site, releases } = event;
      const before = previousOf(releases);
      return releases.map((release) => {
        const { id, at, live, failed, facts } = release;
        return ['release', { host, site, id, switchedAt: at.toISOString(), live, previous: release === before, failed, ...facts }] as const;
      });
    }
    case 'variables':
      return event.variables.map((variable) => ['variable', { host: event.host, site: event.site, ...variable }] as const);
    case 'status':
      return [['status', { host: event.host, ...event.status }]];
    case 'history':
      return event.runs.map((run) => ['pastRun', { host: event.host, ...run }] as const);
    case 'log': {
      const { host, site, entry } = event;
      return [
        [
          'log',
          { host, ...(site && { site }), source: entry.source, level: entry.level, loggedAt: entry.at?.toISOString(), text: entry.text },
        ],
      ];
    }
    case 'backups': {
      const { host, site, backups, proven } = event;
      return backups.map(({ at, site: _, ...backup }) => [
        'backup',
        { host, site, ...backup, madeAt: at.toISOString(), ...(proven?.id === backup.id && { provenAt: proven.at.toISOString() }) },
      ]);
    }
    case 'sending': {
      const { event: name, added, changed, removed, ...fields } = event;
      const some = ({ length, ...paths }: readonly string[]) => ({ count: length, some: Object.values(paths).slice(0, 20) });
      return [[name, { ...fields, added: some(added), changed: some(changed), removed: some(removed) }]];
    }
    case 'tunnel':
      return [['tunnel', { host: event.host, ...event.tunnel }]];
    case 'hop':
      return [['health', { host: event.host, ...event.hop }]];
    case 'check': {
      const { name, ...rest } = event.check;
      return [['check', { ...(event.host && { host: event.host }), check: name, ...rest }]];
    }
    case 'step':
    case 'done':
      return [
        [
          event.event,
          {
            host: event.host,
            ...siteField(event.step.part),
            step: event.step.number,
            resource: event.step.name,
            summary: event.step.summary,
          },
        ],
      ];
    case 'undo':
      return [['undo', { host: event.host, ...siteField(event.step.part), resource: event.step.name, ok: event.ok }]];
    case 'run':
      return [];
    case 'output':
    case 'site':
    case 'progress':
    case 'stage':
    case 'note':
    case 'compared':
    case 'connected': {
      const { event: name, ...fields } = event;
      return [[name, fields]];
    }
  }
}
