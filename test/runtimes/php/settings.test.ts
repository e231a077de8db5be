import { expect, test } from 'vitest';
import { requireSettings } from '../../../src/runtimes/php/settings.ts';

test.each(['memory_limit', 'opcache.memory_consumption', 'apc.shm_size', 'SMTP', 'zend_extension'])(
  '%s is a setting of php.ini',
  (name) => {
    expect(() => requireSettings({ [name]: '1' })).not.toThrow();
  },
);

test.each([
  ['memory_limt', 'php.settings.memory_limt is not a php.ini setting; did you mean "memory_limit"?'],
  ['request_terminate_timeout', 'php.settings.request_terminate_timeout is not a php.ini setting.'],
  ['pm.max_children', 'php.settings.pm.max_children is not a php.ini setting.'],
])('%s is not a setting of php.ini', (name, message) => {
  expect(() => requireSettings({ [name]: '1' })).toThrow(message);
});
