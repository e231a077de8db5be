import { expect, test } from 'vitest';
import { unfinished } from '../../src/health/unfinished.ts';

const installer = 'an installer: the application is not set up';
const settings = 'a message that a settings file is missing: the application is not set up';
const failure = 'an error message, although its status says otherwise';
const page = (title: string, body = '') => `<html><head><title>${title}</title><style>a{b:c}</style></head><body>${body}</body></html>`;
const long = 'Read how to install it, and what to do where the settings file was not found. '.repeat(10);

test.each<readonly [string, string, string, string | undefined]>([
  ['an address', '/wp-admin/install.php', page('WordPress'), installer],
  ['an address of a folder', '/installation/index.php', page('Welcome'), installer],
  ['a title', '/i/', page('Installation · FreshRSS: step 1', long), installer],
  ['a setup error', '/', page('DokuWiki Setup Error', long), 'a setup error: the application is not set up'],
  ['a database error', '/', page('Database Error'), 'a database error: the application is not set up'],
  ['MediaWiki', '/', page('MediaWiki 1.43', '<p>LocalSettings.php not found.</p> <p>Please <a>set up the wiki</a> first.</p>'), settings],
  ['YOURLS', '/admin/', 'Cannot find config.php. Please read the readme.html to learn how to install YOURLS', settings],
  ['Roundcube', '/', page('Internal Error', '<h1>Oops... something went wrong!</h1>'), failure],
  ['a front page', '/', page('Home', 'Welcome'), undefined],
  ['a long page that speaks of it', '/', page('Home', long), undefined],
  ['a page about it', '/how-to-install', page('Home', 'We install kitchens.'), undefined],
  ['an article about errors', '/', page('How we fixed an internal error', 'Welcome'), undefined],
])('%s', (_, path, body, expected) => {
  expect(unfinished(path, Buffer.from(body))?.page).toBe(expected);
});
