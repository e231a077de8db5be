import type { Files } from '../runtimes/detected.ts';

/** Returns whether the application's configuration says that it logs to `php://stderr`: Monolog in Symfony, or Laravel's default channel. */
export function logsToStderr({ paths, text }: Files): boolean {
  const monolog = paths.filter((path) => /^config\/packages\/(?:prod\/)?monolog\.ya?ml$/.test(path));
  return (
    monolog.some((path) => text(path).includes('php://stderr')) ||
    /['"]LOG_CHANNEL['"]\s*,\s*['"]stderr['"]/.test(text('config/logging.php'))
  );
}
