/** Settings that the pool itself makes, in files/runtimes/php/fpm.conf: a later line of it counts, and one in php.ini would not. */
const ofThePool = ['error_log', 'log_errors', 'session.gc_divisor', 'session.gc_probability', 'session.save_path'];

/** The user's settings as lines of php.ini, where those count that PHP reads before it has a pool, such as opcache's. */
export function iniSettings(settings: Readonly<Record<string, string>>, user: string): string {
  const own = Object.entries(settings).filter(([name]) => !ofThePool.includes(name));
  // PHP refuses to preload as root, who starts it.
  const preloads = 'opcache.preload' in settings && !('opcache.preload_user' in settings);
  return [...own, ...(preloads ? [['opcache.preload_user', user] as const] : [])]
    .map(([name, value]) => `${name} = ${written(value)}`)
    .join('\n');
}

/** Those that have to stand in the pool. */
export function poolSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .filter(([name]) => ofThePool.includes(name))
    .map(([name, value]) => `php_admin_value[${name}] = ${written(value)}`)
    .join('\n');
}

/**
 * A value as an INI file has it: constants with operators as they are, and between quotes what the parser would take for something else.
 */
function written(value: string): string {
  const isPlain = /^[\p{L}\d .,:/%+@*_\\-]*$/u.test(value) || /^(?=.*[A-Z])[A-Z\d_ &|~^!()]+$/.test(value) || /^(["']).*\1$/.test(value);
  if (isPlain) return value;
  return value.includes("'") ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `'${value}'`;
}
