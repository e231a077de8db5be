import { versionOf } from '../../facts/facts.ts';
import type { FactsReading } from '../../facts/parse.ts';
import type { Examined } from '../event.ts';

/** The packages that a host must offer; a list inside the list names alternatives. */
export type RequiredPackages = readonly (string | readonly string[])[];

/** Examines what does not change quickly: the system, its memory, its disks, and its package manager. */
export function judgeFacts(
  { facts, space, listsTrouble, readOnly, refusal }: FactsReading,
  required: RequiredPackages,
): readonly Examined[] {
  const { title, architecture, processors, memory, container } = facts;
  const free = [...space].map(([mount, kilobytes]) => ({ mount, megabytes: Math.floor((kilobytes * 1024) / 1e6) }));
  const tight = free.filter(({ mount, megabytes }) => ['/', '/usr', '/var', '/var/lib'].includes(mount) && megabytes < 900);
  const isOffered = (name: string) => versionOf(facts, name) !== undefined;
  const missing = required.filter((names) => ![names].flat().some(isOffered)).map((names) => [names].flat().join(' or '));
  const has = required.flat().flatMap((name) => {
    const version = versionOf(facts, name);
    return version ? [`${name} ${version.replace(/^\d+:/, '').replace(/[-+~].*$/, '')}`] : [];
  });
  return [
    { name: 'system', state: 'ok', detail: `${title}, ${architecture}, run by systemd${container ? ', in a container' : ''}` },
    memory < 480
      ? {
          name: 'memory',
          state: 'warning',
          detail: `${memory} MiB, ${processors} processors`,
          hint: 'PHP, the database and nginx fit in 512 MiB; with less, expect them to be killed.',
        }
      : { name: 'memory', state: 'ok', detail: `${memory} MiB, ${processors} ${processors === 1 ? 'processor' : 'processors'}` },
    tight.length > 0
      ? {
          name: 'space',
          state: 'warning',
          detail: tight.map(({ mount, megabytes }) => `${mount} has ${megabytes} MB free`).join('; '),
          hint: 'The whole stack takes about 800 MB the first time. `apt-get clean` and `journalctl --vacuum-size=50M` often help.',
        }
      : {
          name: 'space',
          state: 'ok',
          detail: free.map(({ mount, megabytes }) => `${mount} ${(megabytes / 1000).toFixed(1)} GB free`).join(', '),
        },
    ...(readOnly.length > 0
      ? [
          {
            name: 'writable',
            state: 'missing',
            detail: `${readOnly.join(', ')} cannot be written to`,
            hint: 'Mount them for writing: `mount -o remount,rw /`; a disk with errors is mounted read-only by the kernel (`dmesg`).',
          } as const,
        ]
      : []),
    ...(refusal
      ? [
          {
            name: 'nginx',
            state: 'warning',
            detail: `refuses its configuration: ${refusal}`,
            hint: 'It does not reload, and would not start after a reboot. If that file is yours, correct it; a run corrects ours.',
          } as const,
        ]
      : []),
    missing.length > 1 || listsTrouble
      ? {
          name: 'packages',
          state: missing.length > 1 ? 'missing' : 'warning',
          detail: listsTrouble ? `apt: ${listsTrouble.split('\n')[0]}` : `the package manager does not offer ${missing.join(', ')}`,
          hint: 'See on the host what `apt-get update` says, and whether /etc/apt/sources.list.d names the main archive.',
        }
      : { name: 'packages', state: 'ok', detail: has.join(', ') },
  ];
}
