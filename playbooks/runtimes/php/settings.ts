/**
 * Settings that the pool also sets, in files/runtimes/php/fpm.conf: they must follow in the pool, because php.ini would not override it.
 */
const ofThePool = ['error_log', 'log_errors', 'session.gc_divisor', 'session.gc_probability', 'session.save_path'];

/** Returns the user's settings as lines of php.ini, where PHP finds those that it reads before it has a pool, such as opcache's. */
export function iniSettings(settings: Readonly<Record<string, string>>, user: string): string {
  const kept = Object.entries(settings).filter(([name]) => !ofThePool.includes(name));
  // PHP refuses to preload as root, and root starts it.
  const preloads = 'opcache.preload' in settings && !('opcache.preload_user' in settings);
  return [...kept, ...(preloads ? [['opcache.preload_user', user] as const] : [])]
    .map(([name, value]) => `${name} = ${written(value)}`)
    .join('\n');
}

/** Returns the settings that have to be in the pool. */
export function poolSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .filter(([name]) => ofThePool.includes(name))
    .map(([name, value]) => `php_admin_value[${name}] = ${written(value)}`)
    .join('\n');
}

/** Returns a value in the notation of INI files: constants with operators as they are, and in quotes what the parser would misread. */
function written(value: string): string {
  const isPlain = /^[\p{L}\d .,:/%+@*_\\-]*$/u.test(value) || /^(?=.*[A-Z])[A-Z\d_ &|~^!()]+$/.test(value) || /^(["']).*\1$/.test(value);
  if (isPlain) return value;
  return value.includes("'") ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `'${value}'`;
}
