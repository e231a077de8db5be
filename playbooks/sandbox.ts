import { type Config, directory, file, type Handler, type Resource, type Site, template } from '../src/index.ts';
import { logsOf, pathsOf } from './paths.ts';

/** What a service of Debian's may see and do, beside its unit; nothing where the owner wants none of it. */
export function sandboxOf(unit: string, name: 'nginx' | 'database', { host }: Config, notify: Handler): readonly Resource[] {
  if (!host.sandbox) return [];
  const folder = `/etc/systemd/system/${unit}.service.d`;
  return [directory(folder), file(`${folder}/10-foobar-provision.conf`, { content: template(`sandbox/${name}.conf`), notify })];
}

/** The part of a site's own unit that says what its PHP may see and do. */
export function phpSandbox(site: Site, { host }: Config): string {
  if (!host.sandbox) return '';
  const { home, shared } = pathsOf(site);
  const writable = [shared, logsOf(site), '/var/log/php', ...site.php.writable].join(' ');
  return `\n${template('sandbox/php.conf', { home, writable }).trimEnd()}`;
}
