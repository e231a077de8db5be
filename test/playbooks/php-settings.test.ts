import { describe, expect, test } from 'vitest';
import { iniSettings, poolSettings } from '../../playbooks/runtimes/php/settings.ts';

describe('php.settings', () => {
  test.each([
    ['opcache.memory_consumption', '256', 'opcache.memory_consumption = 256'],
    ['error_reporting', 'E_ALL & ~E_NOTICE', 'error_reporting = E_ALL & ~E_NOTICE'],
    ['include_path', '.:/usr/share/php', 'include_path = .:/usr/share/php'],
    ['arg_separator.output', '&', "arg_separator.output = '&'"],
    ['sendmail_path', '/usr/bin/msmtp -t; x', "sendmail_path = '/usr/bin/msmtp -t; x'"],
    ['error_prepend_string', "it's <b>", `error_prepend_string = "it's <b>"`],
    ['user_agent', '"quoted"', 'user_agent = "quoted"'],
  ])('%s of %s is read by PHP itself, before it has a pool', (name, value, line) => {
    expect(iniSettings({ [name]: value }, 'foobar_com')).toBe(line);
    expect(poolSettings({ [name]: value })).toBe('');
  });

  test('are in the pool if the pool sets them itself', () => {
    const settings = { 'session.save_path': '/tmp', memory_limit: '256M' };
    expect(poolSettings(settings)).toBe('php_admin_value[session.save_path] = /tmp');
    expect(iniSettings(settings, 'foobar_com')).toBe('memory_limit = 256M');
  });

  test('preload as the site’s user', () => {
    expect(iniSettings({ 'opcache.preload': '/srv/a.php' }, 'foobar_com')).toBe(
      'opcache.preload = /srv/a.php\nopcache.preload_user = foobar_com',
    );
  });
});
