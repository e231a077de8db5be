import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../../src/cli/wizard/available-software.ts';
import { configFile } from '../../../src/cli/wizard/config-file.ts';
import { changesTo } from '../../../src/cli/wizard/current-answers.ts';
import { interview } from '../../../src/cli/wizard/interview.ts';
import { another, goBack, type Question } from '../../../src/cli/wizard/questions.ts';
import type { Interview } from '../../../src/cli/wizard/world.ts';
import { exitCode, Problem } from '../../../src/error.ts';
import { plainPhp } from '../../application/recognized.ts';

const offer: Offer = {
  title: 'Debian GNU/Linux 13 (trixie)',
  php: ['8.4', '8.2'],
  databases: [
    { engine: 'mysql', version: '9.5' },
    { engine: 'mariadb', version: '11.8' },
  ],
};

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICNFYj0ey9sv7/2E5z3h4WRzxTzhuaVAgp+IEcQ6CDVg anna@laptop';

/** Runs an interview with these answers, and returns the questions. A number selects that choice of a list. */
async function hold(
  answers: readonly (string | number | typeof goBack)[],
  given: Partial<Interview> = {},
  last: readonly (string | number | typeof goBack)[] = ['', '', ''],
) {
  const left = [...answers, ...last];
  const asked: string[] = [];
  const notes: string[] = [];
  const defaults: (string | undefined)[] = [];
  const ask = async (question: Question): Promise<string> => {
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody answers: ${question.message}`);
    asked.push(question.message);
    defaults.push(question.default);
    if (answer === goBack) throw goBack;
    if (question.type === 'input') return String(answer);
    const value = typeof answer === 'number' ? question.choices[answer]?.value : answer;
    if (!question.choices.some((choice) => choice.value === value)) throw new Error(`${question.message} has no choice ${value}`);
    return value ?? '';
  };
  const result = await interview({
    given: {},
    hosts: [],
    sandboxes: { running: [], canCreate: false, create: () => Promise.reject(new Error('no sandbox')) },
    keys: { inAgent: async () => '', inFile: async () => key, at: async () => key, usualFile: async () => undefined },
    here: { folder: '/home/me/example.com', names: ['index.php'] },
    ask,
    note: (text) => notes.push(text),
    visit: async () => {},
    points: async () => undefined,
    offer: async () => offer,
    recognize: async () => undefined,
    withoutHost: false,
    ...given,
  });
  expect(left).toEqual([]);
  return { result, asked, notes, defaults };
}

const last = ['E-mail address for certificates (may be empty):', 'Who else may log in to the host?', 'Backups, every night:'];
const refusal = new Problem({ message: 'web refuses connections on port 22.', hint: 'Is it up?', exit: exitCode.unreachable });

describe('who else may log in', () => {
  const answers = ['root@web', 'a.com', '', 0, 0];

  it.each([
    ['file', ['', 'file', '~/.ssh/anna.pub', 'anna', '', ''], { anna: key }],
    ['agent', ['', 'agent', 'anna', '', ''], { anna: `${key}\n${key}` }],
    ['url', ['', 'url', 'https://example.org/anna.keys', 'anna', 'yes', 'file', 'ben.pub', 'ben', '', ''], { anna: key, ben: key }],
  ])('has keys from a %s', async (_, last, people) => {
    const keys = {
      inAgent: async () => `${key}\n${key}\n`,
      inFile: async () => key,
      at: async () => key,
      usualFile: async () => undefined,
    };
    const { result, notes } = await hold(answers, { keys }, last);
    expect(result.people).toEqual(people);
    expect(notes.join()).toContain('ED25519 SHA256:qpLGqxr+eqNCzhT97yNmCVlwnoVWMSAnYtQkJs0PqYk anna@laptop');
  });

  it('keeps those of the configuration', async () => {
    const { result } = await hold(['root@web', 'a.com', '', 0, 0], { current: { people: { ben: 'ben.pub' } } });
    expect(result.people).toEqual({ ben: 'ben.pub' });
  });
});

describe('a throwaway host', () => {
  const running = [{ name: 'demo', server: 'root@198.18.0.2' }];
  const sandboxes = { running, canCreate: true, create: async () => 'root@198.18.4.2' };

  it.each([
    ['sandbox', 'root@198.18.4.2'],
    ['root@198.18.0.2', 'root@198.18.0.2'],
  ])('is made or chosen instead of a server (%s)', async (choice, server) => {
    expect((await hold([choice, 'a.com', '', 0, 0], { sandboxes })).result.server).toBe(server);
  });
});

describe('the answers of the configuration', () => {
  const current = {
    server: 'web',
    domain: 'shop.com',
    app: 'git@example.org:shop.git#v2',
    php: '8.3',
    database: 'mysql',
    email: 'a@b.c',
    backups: '/mnt/b',
  } as const;

  it('are proposed, and stay if they are confirmed', async () => {
    const { result, defaults } = await hold(['web', 'shop.com', current.app, '8.3', 'mysql'], { current }, ['a@b.c', '', '/mnt/b']);
    expect(result).toEqual(current);
    expect(defaults).toEqual(['web', 'shop.com', current.app, '8.3', 'mysql', 'a@b.c', undefined, '/mnt/b']);
    expect(changesTo(current, result)).toEqual([]);
  });

  it('change where others are given', () => {
    const answers = {
      server: 'web',
      domain: 'new.com',
      app: '.',
      database: 'mysql',
      email: 'a@b.c',
      backups: '/mnt/b',
      people: { anna: key },
    } as const;
    expect(changesTo(current, answers)).toEqual([
      { path: ['domain'], value: 'new.com' },
      { path: ['app', 'source'], value: '.' },
      { path: ['php', 'version'], value: undefined },
      { path: ['sshKeys', 'anna'], value: key },
    ]);
  });
});

describe('interview', () => {
  it('asks eight questions, and leaves the defaults out of the answers', async () => {
    const { result, asked } = await hold(['root@203.0.113.5', 'foobar.com', '', 0, 0]);
    expect(asked).toEqual(['Host ([user@]host[:port]):', "The site's domain:", 'Which application?', 'PHP:', 'Database:', ...last]);
    expect(result).toEqual({ server: 'root@203.0.113.5', domain: 'foobar.com' });
  });

  it('keeps what was chosen', async () => {
    const { result } = await hold(['root@web', ' example.com ', 0, '8.2', 'mariadb']);
    expect(result).toEqual({ server: 'root@web', domain: 'example.com', app: '.', php: '8.2', database: 'mariadb' });
  });

  it.each(['python', 'node', 'static'] as const)('does not ask for a PHP version if the application is of the kind %s', async (runtime) => {
    const recognized = { ...plainPhp, name: 'an application', runtime };
    const { result, asked, notes } = await hold(['root@web', 'example.com', 0, 'mariadb'], { recognize: async () => recognized });
    expect(asked).not.toContain('PHP:');
    expect(result).toEqual({ server: 'root@web', domain: 'example.com', app: '.', runtime, database: 'mariadb' });
    expect(configFile(result, 'foobar.config.ts')).not.toContain('php:');
    expect(notes).toEqual(['This is an application: the whole folder is served.']);
  });

  it('does not ask for what the command line says', async () => {
    const given = { server: 'web', domain: 'example.com', app: '/home/me/example.com/site', php: '8.4', database: 'none' } as const;
    const offer = () => Promise.reject(new Error('nothing is left to look up'));
    const { result, asked } = await hold([], { given, offer }, []);
    expect(asked).toEqual([]);
    expect(result).toEqual({ server: 'web', domain: 'example.com', app: './site', php: '8.4', database: 'none' });
  });

  it('offers the hosts of ssh_config, and any other', async () => {
    expect((await hold(['shop', 'a.com', '', 0, 0], { hosts: ['shop', 'db'] })).result.server).toBe('shop');
    expect((await hold([another, 'root@x', 'a.com', '', 0, 0], { hosts: ['shop'] })).result.server).toBe('root@x');
  });

  it.each([
    ['/home/me/example.com/site', './site'],
    ['/home/me/other', '../other'],
    ['/srv/site', '/srv/site'],
    // A typed path is relative to the working directory.
    ['site', resolve('site')],
  ])('writes the folder %s as %s', async (folder, source) => {
    expect((await hold(['web', 'a.com', another, folder, 0, 0])).result.app).toBe(source);
  });

  it('asks for another host if the login fails', async () => {
    const visited: string[] = [];
    const visit = async (server: string) => {
      visited.push(server);
      if (server === 'wbe') throw refusal;
    };
    const { result, notes } = await hold(['wbe', 'web', 'a.com', '', 0, 0], { visit });
    expect(visited).toEqual(['wbe', 'web']);
    expect(result.server).toBe('web');
    expect(notes).toEqual(['web refuses connections on port 22. Is it up?']);
  });

  it('ends if the login to the host on the command line fails', async () => {
    const visit = () => Promise.reject(refusal);
    await expect(hold([], { visit, given: { server: 'web' } })).rejects.toBe(refusal);
  });

  it('continues without the host if only the file is wanted, with choices that fit any host', async () => {
    const visit = () => Promise.reject(refusal);
    const { result, asked } = await hold(['without', 'a.com', '', another, '8.3', 'mysql'], {
      visit,
      given: { server: 'web' },
      withoutHost: true,
    });
    expect(asked).toEqual(['Continue?', "The site's domain:", 'Which application?', 'PHP:', "PHP's version:", 'Database:', ...last]);
    expect(result).toEqual({ server: 'web', domain: 'a.com', php: '8.3', database: 'mysql' });
  });

  it('goes back to the question before, with its last answer as the default', async () => {
    const { result, asked, defaults } = await hold(['root@web', 'exmaple.com', goBack, 'example.com', '', goBack, '', 0, 0]);
    expect(asked.slice(0, 7)).toEqual([
      'Host ([user@]host[:port]):',
      "The site's domain:",
      'Which application?',
      "The site's domain:",
      'Which application?',
      'PHP:',
      'Which application?',
    ]);
    expect(defaults[3]).toBe('exmaple.com');
    expect(result).toEqual({ server: 'root@web', domain: 'example.com' });
  });

  it('goes back from the first question nowhere, over questions that were not asked, and within an answer of two questions', async () => {
    const { asked, notes } = await hold([goBack, goBack, 'root@web', '', goBack, another, goBack, '', 0, 0], {
      given: { domain: 'example.com' },
    });
    const [host, app, folder] = ['Host ([user@]host[:port]):', 'Which application?', "The application's folder:"];
    expect(asked.slice(0, 9)).toEqual([host, host, host, app, 'PHP:', app, folder, app, 'PHP:']);
    const back = 'Back to the question before.';
    expect(notes).toEqual(['This is the first question.', 'This is the first question.', back, back]);
  });

  it.each([
    [['you@example.com', '', ''], { email: 'you@example.com' }],
    [['', '', 1, 'sftp:backup@203.0.113.9:/backups'], { backups: 'sftp:backup@203.0.113.9:/backups' }],
    [['', '', 1, goBack, 3, '/mnt/disk'], { backups: '/mnt/disk' }],
  ])('keeps the e-mail address and the backups (%j)', async (answers, expected) => {
    const { result } = await hold(['root@web', 'a.com', '', 0, 0], {}, answers as string[]);
    expect(result).toEqual({ server: 'root@web', domain: 'a.com', ...expected });
  });

  it('proposes a version of PHP that composer.json accepts', async () => {
    const recognize = async () => ({ ...plainPhp, engine: '~8.2.0' });
    const { result, defaults, asked } = await hold(['root@web', 'a.com', 0, '8.2', 0], { recognize });
    expect(defaults[asked.indexOf('PHP:')]).toBe('8.2');
    expect(result.php).toBe('8.2');
  });

  it('says how a dump in the folder is imported', async () => {
    const here = { folder: '/home/me/a.com', names: ['index.php', 'backup.sql.gz'] };
    const { notes } = await hold(['root@web', 'a.com', '', 0, 0], { here });
    expect(notes).toEqual(['backup.sql.gz looks like a dump of a database. After the first run: foobar-provision db import backup.sql.gz']);
  });

  it('says where the names of the domain point', async () => {
    const { notes } = await hold(['root@web', 'a.com', '', 0, 0], { points: async (domain) => `${domain} points elsewhere.` });
    expect(notes).toEqual(['a.com points elsewhere.']);
  });
});
