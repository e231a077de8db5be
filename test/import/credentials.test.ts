import { describe, expect, test } from 'vitest';
import { reveal } from '../../src/command/secret.ts';
import { credentialsIn } from '../../src/import/credentials.ts';

const rows: readonly (readonly [application: string, path: string, text: string, expected: string])[] = [
  [
    'WordPress',
    'wp-config.php',
    `<?php\n// define('DB_NAME', 'not this one');\ndefine( 'DB_NAME', 'wp' );\ndefine('DB_USER', "me");\ndefine('DB_PASSWORD', 'a\\'b"c\\\\d$e');\ndefine('DB_HOST', 'localhost:/run/my.sock');`,
    `me:a'b"c\\d$e@localhost/wp /run/my.sock`,
  ],
  [
    'OpenCart',
    'config.php',
    `<?php\ndefine('DB_HOSTNAME', '127.0.0.1');\ndefine('DB_USERNAME', 'oc');\ndefine('DB_PASSWORD', 'x');\ndefine('DB_DATABASE', 'shop');\ndefine('DB_PORT', '3307');`,
    'oc:x@127.0.0.1:3307/shop',
  ],
  [
    'Joomla',
    'configuration.php',
    `<?php\nclass JConfig {\n\tpublic $host = 'localhost';\n\tpublic $user = 'joe';\n\tpublic $password = 'pw';\n\tpublic $db = 'joomla';\n}`,
    'joe:pw@localhost/joomla',
  ],
  [
    'MediaWiki',
    'LocalSettings.php',
    `<?php\n$wgDBserver = "db.test";\n$wgDBname = "wiki";\n$wgDBuser = "w";\n$wgDBpassword = "p";`,
    'w:p@db.test/wiki',
  ],
  [
    'Moodle',
    'config.php',
    `<?php\n$CFG->dbtype = 'mariadb';\n$CFG->dbhost = 'localhost';\n$CFG->dbname = 'moodle';\n$CFG->dbuser = 'm';\n$CFG->dbpass = 'p';`,
    'm:p@localhost/moodle',
  ],
  [
    'phpBB',
    'config.php',
    `<?php\n$dbms = 'mysqli';\n$dbhost = '';\n$dbport = '';\n$dbname = 'bb';\n$dbuser = 'b';\n$dbpasswd = 'p';`,
    'b:p@localhost/bb',
  ],
  [
    'Drupal',
    'sites/default/settings.php',
    `<?php\n/**\n *   'database' => 'databasename',\n *   'username' => 'sqlusername',\n */\n$databases['default']['default'] = array (\n  'database' => 'd8',\n  'username' => 'd',\n  'password' => 'p',\n  'host' => 'localhost',\n  'port' => '3306',\n);`,
    'd:p@localhost:3306/d8',
  ],
  [
    'CodeIgniter',
    'application/config/database.php',
    `<?php\n$db['default'] = array('hostname' => 'localhost', 'username' => 'ci',\n'password' => '',\n'database' => 'c');`,
    'ci:@localhost/c',
  ],
  [
    'Nextcloud',
    'config/config.php',
    `<?php\n$CONFIG = array (\n  'dbname' => 'nc',\n  'dbhost' => 'localhost',\n  'dbuser' => 'n',\n  'dbpassword' => 'p',\n);`,
    'n:p@localhost/nc',
  ],
  [
    'Matomo',
    'config/config.ini.php',
    `; <?php exit; ?>\n[database]\nhost = "127.0.0.1"\nusername = "mat"\npassword = "p;w"\ndbname = "stats"\nport = 3306`,
    'mat:p;w@127.0.0.1:3306/stats',
  ],
  [
    'Laravel',
    '.env',
    `APP_KEY=x\nDB_CONNECTION=mysql\nDB_HOST=127.0.0.1\nDB_PORT=3306\nDB_DATABASE=lara\nDB_USERNAME="l"\nDB_PASSWORD='p #w'\n`,
    'l:p #w@127.0.0.1:3306/lara',
  ],
  ['Symfony', '.env.local', `DATABASE_URL="mysql://s:p%40w@127.0.0.1:3306/sym?serverVersion=8.0"`, 's:p@w@127.0.0.1:3306/sym'],
  [
    'plain PHP',
    'inc/db.php',
    `<?php\n$db_host = 'localhost';\n$db_name = 'plain';\n$db_user = 'me';\n$db_pass = 'pw';`,
    'me:pw@localhost/plain',
  ],
];

describe('the credentials of an application', () => {
  test.each(rows)('of %s are in %s', (_, path, text, expected) => {
    const { credentials, path: found } = credentialsIn(new Map([[path, text]])) ?? {};
    const shown =
      credentials &&
      `${credentials.user}:${reveal(credentials.password)}@${credentials.host}${credentials.port ? `:${credentials.port}` : ''}/${credentials.name}${credentials.socket ? ` ${credentials.socket}` : ''}`;
    expect([found, shown]).toEqual([path, expected]);
  });

  test.each(rows)('of %s are replaced in place, and nothing else is', (_, path, text) => {
    const file = credentialsIn(new Map([[path, text]]));
    const marked = file?.rewritten((field) => `<${field}>`) ?? '';
    expect(marked).toMatch(/<name>|<url>/);
    const again = file?.rewritten(() => undefined);
    expect(again).toBe(text);
    expect(marked.split('\n').length).toBe(text.split('\n').length);
  });

  test.each([
    ['SQLite', '.env', 'DB_CONNECTION=sqlite\nDB_DATABASE=/srv/a.sqlite\nDB_USERNAME=x'],
    ['values that are computed', 'wp-config.php', `<?php\ndefine('DB_NAME', getenv('DB_NAME'));\ndefine('DB_USER', getenv('DB_USER'));`],
    ['nothing', 'config.php', '<?php\n$title = "x";'],
  ])('are missing: %s', (_, path, text) => {
    expect(credentialsIn(new Map([[path, text]]))).toBeUndefined();
  });

  test('do not show the password', () => {
    const [, path = '', text = ''] = rows[0] ?? [];
    expect(JSON.stringify(credentialsIn(new Map([[path, text]])))).not.toContain('b"c');
  });
});
