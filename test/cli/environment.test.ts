import { expect, test } from 'vitest';
import { sudoPasswordGiven, takeSecrets } from '../../src/cli/environment.ts';
import { reveal } from '../../src/command/secret.ts';

test('a secret is removed from the environment and remembered', () => {
  const environment = { FOOBAR_SUDO_PASSWORD: 'hunter2', PATH: '/bin' };
  takeSecrets(environment);
  expect(environment).toEqual({ PATH: '/bin' });
  const given = sudoPasswordGiven();
  expect(given && reveal(given)).toBe('hunter2');
});
