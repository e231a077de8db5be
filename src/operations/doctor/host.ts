import { bundledShell } from '../../bundled/files.ts';
import { type Command, lines, sh } from '../../command/command.ts';
import { leftovers, lockHolder } from '../../engine/run-libraries.ts';
import { definitionsOf } from '../../engine/shell-library.ts';
import { type Leftovers, leftoversText, parseLeftovers } from '../../engine/survey.ts';
import { Problem } from '../../error.ts';
import { type FactsReading, parseFacts, sectionsOf } from '../../facts/parse.ts';
import { factsScript } from '../../facts/script.ts';
import { secretsFolder, stateFolder } from '../../host-paths.ts';
import type { Examined } from '../event.ts';
import { judgeFacts, type RequiredPackages } from './facts.ts';

/** Returns the script that examines a host. The caller must remove the folder of package lists that it may create. */
export function examinationScript(required: RequiredPackages): Command {
  return lines(
    factsScript({ packages: required }),
    sh`STATE=${stateFolder} SECRETS=${secretsFolder}`,
    definitionsOf([leftovers, lockHolder]),
    bundledShell('run/doctor.sh'),
  );
}

/** The times at which the script was sent and answered, in milliseconds since 1970, by this machine's clock. */
export interface ScriptTimes {
  readonly from: number;
  readonly to: number;
}

/** Parses the script's output and returns the findings. */
export function judgeHost(
  output: string,
  asked: ScriptTimes,
  required: RequiredPackages,
): { readonly found: readonly Examined[]; readonly reading?: FactsReading } {
  const sections = sectionsOf(output, '#doctor');
  const lines = (name: string) => (sections.get(name) ?? '').split('\n').filter(Boolean);
  const rest = [
    judgeInstaller(lines('installer'), lines('unfinished'), lines('held')),
    judgePort(80, lines('port80'), lines('manifests').length > 0),
    judgePort(443, lines('port443'), lines('manifests').length > 0),
    ...judgeInodes(lines('inodes')),
    judgeClock(Number(lines('clock')[0]), asked),
    ...judgeRuns(lines('run')),
    ...judgeFailed(lines('failed')),
    ...judgeLeftovers(lines('run').length > 0 ? undefined : parseLeftovers(sections.get('leftovers') ?? '')),
  ];
  try {
    const reading = parseFacts(output);
    return { found: [...judgeFacts(reading, required), ...rest], reading };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const system = {
      name: 'system',
      state: 'missing',
      detail: error.message,
      ...(error.details.hint && { hint: error.details.hint }),
    } as const;
    return { found: [system, ...rest] };
  }
}

function judgeInstaller(busy: readonly string[], unfinished: readonly string[], held: readonly string[]): Examined {
  const name = 'apt';
  if (busy.length > 0)
    return {
      name,
      state: 'warning',
      detail: `in use by ${busy.join(', ')}`,
      hint: 'A run waits until it is free, for 15 minutes at most.',
    };
  if (unfinished.length > 0)
    return {
      name,
      state: 'warning',
      detail: `an installation was interrupted: ${unfinished.join('; ')}`,
      hint: 'A run finishes it first (dpkg --configure -a).',
    };
  return { name, state: 'ok', detail: held.length > 0 ? `free; held: ${held.join(', ')}` : 'free' };
}

function judgePort(port: number, listeners: readonly string[], ours: boolean): Examined {
  const name = `port ${port}`;
  const others = listeners.filter((listener) => listener !== 'nginx');
  if (listeners.length === 0) return { name, state: 'ok', detail: 'free' };
  if (others.length === 0) return { name, state: 'ok', detail: ours ? 'nginx' : 'nginx, which was here before; its own sites stay' };
  return {
    name,
    state: port === 80 ? 'missing' : 'warning',
    detail: `taken by ${others.join(', ')}`,
    hint:
      port === 80
        ? `nginx needs it. If nothing else does: systemctl disable --now ${others[0]}`
        : 'HTTPS will need it; a run does not touch it yet.',
  };
}

function judgeInodes(lines: readonly string[]): readonly Examined[] {
  return lines.map((line) => {
    const [mount = '', count = ''] = line.split(' ');
    return {
      name: 'files',
      state: 'warning',
      detail: `${mount} has room for ${count} more files`,
      hint: 'An application of many files may not fit. Look for masses of small ones: du --inodes -d 2 /var',
    };
  });
}

/** The seconds by which a clock may be wrong, because package lists and certificates are valid only for some time. */
const tolerance = 60;

function judgeClock(host: number, { from, to }: ScriptTimes): Examined {
  // The host read its clock at an unknown moment between these two.
  const skew = host < from ? host - from : host > to ? host - to : 0;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (!Number.isFinite(host) || seconds < tolerance)
    return { name: 'clock', state: 'ok', detail: seconds < 1 ? 'right' : `${seconds} s off` };
  return {
    name: 'clock',
    state: 'warning',
    detail: `${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's`,
    hint: 'Set it on the host: timedatectl set-ntp true. Package lists and certificates depend on the time.',
  };
}

function judgeFailed(lines: readonly string[]): readonly Examined[] {
  return lines.map((line) => {
    const [unit = '', lastMessage = ''] = line.split('\t');
    return {
      name: 'unit',
      state: 'warning',
      detail: `${unit} has failed${lastMessage.trim() ? `: ${lastMessage.trim()}` : ''}`,
      hint: `See its log: journalctl -u ${unit}. Once it is fixed: systemctl reset-failed ${unit}`,
    };
  });
}

function judgeLeftovers(leftovers: Leftovers | undefined): readonly Examined[] {
  if (!leftovers) return [];
  return [
    {
      name: 'leftovers',
      state: 'warning',
      detail: `interrupted runs have left ${leftoversText(leftovers)}`,
      hint: 'The next run removes it.',
    },
  ];
}

function judgeRuns(units: readonly string[]): readonly Examined[] {
  return units.map((unit) => ({
    name: 'run',
    state: 'warning',
    detail: `${unit} is under way`,
    hint: 'It ends by itself; foobar-provision at a terminal follows it.',
  }));
}
