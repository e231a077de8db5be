import { Problem } from '../../error.ts';
import { bodyFor, type Limits, sizeOf, type UserLimits } from '../../limits.ts';

type Settings = Readonly<Record<string, string>>;

/** Returns PHP's settings for what a configuration's `limits` say. Throws a Problem if its `php.settings` say otherwise. */
export function limitSettings({ upload, seconds, memory }: UserLimits, settings: Settings): Settings {
  requireOne('upload', upload, 'upload_max_filesize', settings, sizeOf);
  requireOne('seconds', seconds?.toString(), 'max_execution_time', settings, Number);
  requireOne('memory', memory, 'memory_limit', settings, sizeOf);
  return {
    ...(upload !== undefined && { upload_max_filesize: upload, post_max_size: `${bodyFor(upload)}M` }),
    ...(seconds !== undefined && { max_execution_time: `${seconds}` }),
    ...(memory !== undefined && { memory_limit: memory }),
  };
}

function requireOne(key: string, value: string | undefined, setting: string, settings: Settings, of: (text: string) => number): void {
  const other = settings[setting];
  if (value === undefined || other === undefined || of(value) === of(other)) return;
  throw new Problem({
    message: `limits.${key} is ${value}, but php.settings.${setting} is ${other}.`,
    hint: 'Keep one of the two.',
  });
}

/** Returns the limits of a request that follow from PHP's settings. */
export function limitsOfSettings(settings: Settings): Partial<Limits> {
  const { upload_max_filesize: upload, post_max_size: post, max_execution_time: seconds } = settings;
  return {
    ...(post !== undefined ? { body: sizeOf(post) } : upload !== undefined && { body: bodyFor(upload) }),
    ...(seconds !== undefined && Number.isFinite(Number(seconds)) && { seconds: Number(seconds) }),
  };
}
