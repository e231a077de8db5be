import { describe, expect, test } from 'vitest';
import { schedulesIn, workersIn } from '../../src/import/schedule.ts';

const place = { root: '/var/www/a', domain: 'a.test' };

describe('a line of a crontab', () => {
  test.each([
    [
      '*/5 * * * * /usr/bin/php8.1 /var/www/a/cron.php >/dev/null 2>&1',
      'cron',
      '*/5 * * * *',
      'php /srv/www/a.test/current/cron.php >/dev/null 2>&1',
    ],
    ['@daily cd /var/www/a && php artisan schedule:run', 'schedule-run', '@daily', 'php artisan schedule:run'],
    ['0  3 * *  1   /var/www/a/bin/tidy.sh', 'tidy', '0 3 * * 1', '/srv/www/a.test/current/bin/tidy.sh'],
    ['5 4 * * * wget -q -O - https://a.test/wp-cron.php', 'wp-cron', '5 4 * * *', 'wget -q -O - https://a.test/wp-cron.php'],
    ['0 0 * * * date +\\%F', 'date', '0 0 * * *', 'date +%F'],
  ])('%s', (line, name, schedule, command) => {
    expect(schedulesIn(line, 'crontab', place)).toEqual({ cron: [{ name, schedule, command }], remarks: [] });
  });

  test.each(['@reboot /var/www/a/start.sh', '* * * * * mail -s x me%body', 'API_TOKEN=abc'])('that cannot be imported: %s', (line) => {
    const { cron, remarks } = schedulesIn(line, 'crontab', place);
    expect([cron, remarks.length]).toEqual([[], 1]);
    expect(JSON.stringify(remarks)).not.toContain('abc');
  });

  test('of /etc/cron.d counts if it is for the user of the site, or names the folder', () => {
    const text =
      'SHELL=/bin/sh\n0 1 * * * www-data php /elsewhere/x.php\n0 2 * * * root /var/www/a/backup.sh\n0 3 * * * root /usr/sbin/other\n';
    const { cron } = schedulesIn(text, '/etc/cron.d/a', place, { user: 'www-data' });
    expect(cron.map(({ schedule }) => schedule)).toEqual(['0 1 * * *', '0 2 * * *']);
  });

  test('has a unique name', () => {
    const { cron } = schedulesIn('1 * * * * php /var/www/a/x.php one\n2 * * * * php /var/www/a/x.php two', 'crontab', place);
    expect(cron.map(({ name }) => name)).toEqual(['x', 'x-2']);
  });
});

test('programs of supervisor and systemd in the folder of the application are workers', () => {
  const texts = new Map([
    [
      '/etc/supervisor/conf.d/all.conf',
      '[program:a_queue]\ncommand=php /var/www/a/artisan queue:work\nnumprocs=3\n[program:other]\ncommand=/usr/bin/other\n',
    ],
    ['/etc/systemd/system/a-socket.service', '[Service]\nExecStart=/usr/bin/node /var/www/a/socket.js\n'],
    ['/etc/systemd/system/else.service', '[Service]\nExecStart=/usr/bin/else\n'],
  ]);
  expect(workersIn(texts, place)).toEqual([
    { name: 'a-queue', command: 'php /srv/www/a.test/current/artisan queue:work', count: 3 },
    { name: 'a-socket', command: '/usr/bin/node /srv/www/a.test/current/socket.js', count: 1 },
  ]);
});
