import { render } from '@inquirer/testing';
import inquirer from 'inquirer';
import { describe, expect, it, vi } from 'vitest';
import { offerOf } from '../../../src/cli/wizard/available-software.ts';
import {
  appFolder,
  hostName,
  phpNumber,
  type Question,
  whichApp,
  whichDatabase,
  whichDomain,
  whichPhp,
} from '../../../src/cli/wizard/questions.ts';
import { complete } from '../../../src/config-file/complete.ts';
import type { Facts } from '../../../src/facts/facts.ts';

/** Renders the question with inquirer's own prompt on its test screen. */
async function show(question: Question) {
  const prompt = inquirer.prompt.prompts[question.type];
  return render(prompt as Parameters<typeof render>[0], question);
}

describe('questions with a free answer', () => {
  it.each<readonly [Question, string, string]>([
    [hostName(), '', 'Name a host'],
    [hostName(), 'https://web', 'does not name a host. Leave out the scheme'],
    [whichDomain('foobar.com'), 'shop', '"shop" is not a domain name. Give a name such as foobar.com.'],
    [appFolder(), '/nonexistent', 'There is no application folder /nonexistent.'],
    [appFolder(), '/etc/passwd', '/etc/passwd is not a folder.'],
    [phpNumber(), '8.4.1', 'Write it as 8.4.'],
  ])('refuse what the configuration would refuse, with the same message (%#)', async (question, typed, words) => {
    const { answer, events, getScreen } = await show(question);
    answer.catch(() => {});
    events.type(typed);
    events.keypress('enter');
    await vi.waitFor(() => expect(getScreen().replaceAll(/\s+/g, ' ')).toContain(words));
    expect(getScreen()).not.toContain('Nothing was changed');
  });

  it('accept the proposal with a single key', async () => {
    const { answer, events } = await show(whichDomain('example.com'));
    events.keypress('enter');
    await expect(answer).resolves.toBe('example.com');
  });
});

const facts: Facts = {
  distribution: 'debian',
  version: 'sid',
  title: 'Debian GNU/Linux forky/sid',
  architecture: 'x86_64',
  processors: 2,
  memory: 2048,
  addresses: [],
  hostname: 'web',
  ipv6: true,
  container: false,
  ssh: { ports: [22], hostKeys: {}, login: { user: 'root', by: 'key', hostKey: 'ssh-ed25519' } },
  packages: {
    'php-fpm': { candidate: '2:8.4+96' },
    'mysql-server': { candidate: '9.5.0-1' },
    'mariadb-server': { candidate: '1:11.8.6-0+deb13u1' },
  },
};

describe('questions with a list', () => {
  it('offer the application in this folder first, or else the bundled site', async () => {
    const found = await show(whichApp({ folder: '/home/me/shop', names: ['public'] }));
    expect(found.getScreen()).toContain('❯ this folder (it has public): /home/me/shop');
    const none = await show(whichApp({ folder: '/home/me', names: [] }));
    expect(none.getScreen()).toContain('❯ the bundled www.foobar.com');
  });

  it('offer the software of the host, by default what a run would install', async () => {
    const offer = offerOf(await complete({}, {}), facts, 'php8.4-fpm\nphp8.2-fpm\nphp8.2-gd\nphpunit\n');
    expect(offer).toEqual({
      title: 'Debian GNU/Linux forky/sid',
      php: ['8.4', '8.2'],
      databases: [
        { engine: 'mysql', version: '9.5.0' },
        { engine: 'mariadb', version: '11.8.6' },
      ],
    });
    const php = await show(whichPhp(offer));
    expect(php.getScreen()).toContain("❯ 8.4, the distribution's own\n  8.2");
    const database = await show(whichDatabase(offer));
    expect(database.getScreen()).toContain('❯ MySQL 9.5.0\n  MariaDB 11.8.6\n  none');
    database.events.keypress('down');
    database.events.keypress('enter');
    await expect(database.answer).resolves.toBe('mariadb');
  });

  it('offer a version of PHP that composer.json accepts', async () => {
    const offer = { title: 'Debian', php: ['8.4', '8.2'], databases: [] };
    const php = await show(whichPhp(offer, '~8.2.0'));
    expect(php.getScreen()).toContain("  8.4, the distribution's own (composer.json requires ~8.2.0)\n❯ 8.2");
  });

  it('offer MariaDB first on a host that already runs it', async () => {
    const running = { ...facts, packages: { ...facts.packages, 'mysql-server': {}, 'mariadb-server': { installed: '1:11.8.6-0' } } };
    expect(offerOf(await complete({}, {}), running, '').databases).toEqual([{ engine: 'mariadb', version: '11.8.6' }]);
  });
});
