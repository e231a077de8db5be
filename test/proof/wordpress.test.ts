import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { browse, noBrowser, picture } from '../lab/browser.ts';
import { cli, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { wordpressFolder } from '../lab/wordpress/folder.ts';

const reason = unsupported() ?? noBrowser();
const password = 'correct horse battery staple 7';

describe("WordPress from Debian's own package, a third-party application", () => {
  const here = lab('trixie', {}, reason);
  let folder = '';
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (reason !== undefined) return;
    folder = await wordpressFolder('trixie');
    browser = await browse(here.host, ['www.foobar.com']);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, baseURL: 'http://www.foobar.com' });
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== '') await rm(folder, { recursive: true });
  });

  test('is sent to a bare host, and is healthy before it is set up: its front page redirects to its installer', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: folder });
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'health').find(({ hop }) => hop === 'app')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^200 in .* redirected to http:\/\/foobar\.com\/wp-admin\/install\.php; the page is an installer: the application is not set up$/,
      ),
    });
  });

  test('completes its own installation in a browser, and its owner can log in', async () => {
    await page.goto('/');
    expect(page.url()).toBe('http://www.foobar.com/wp-admin/install.php');
    // Its script proposes a password and moves the focus: a person types when that is done.
    await page.getByText('Strong', { exact: true }).waitFor();
    await page.getByLabel('Site Title').fill('Foobar, from elsewhere');
    await page.getByLabel('Username').fill('editor');
    await page.locator('#pass1').fill(password);
    await page.getByLabel('Your Email').fill('editor@foobar.com');
    expect(await page.getByLabel('Site Title').inputValue()).toBe('Foobar, from elsewhere');
    await page.getByRole('button', { name: 'Install WordPress' }).click();
    await page.getByRole('heading', { name: 'Success!' }).waitFor();

    await page.getByRole('link', { name: 'Log In' }).click();
    // Likewise here: a moment after the page is there, its script selects the name.
    await page.locator('#user_login:focus').waitFor();
    await page.getByLabel('Username or Email Address').fill('editor');
    await page.locator('#user_pass').fill(password);
    await page.getByRole('button', { name: 'Log In' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();

    await page.goto('/wp-admin/options-permalink.php');
    await page.locator('#permalink_structure').fill('/%postname%/');
    await page.getByRole('button', { name: 'Save Changes' }).click();
    await page.getByText('Permalink structure updated').waitFor();
  });

  test('accepts a post with a picture, creates thumbnails, and serves both on its front page to anyone', async () => {
    await page.goto('/wp-admin/post-new.php');
    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
    const canvas = page.frameLocator('iframe[name="editor-canvas"]');
    await canvas.getByRole('textbox', { name: 'Add title' }).fill('A post from a browser');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Written by hand, with a picture.');
    await page.keyboard.press('Enter');
    await page.keyboard.type('/image');
    await page.getByRole('option', { name: 'Image', exact: true }).click();
    const file = { name: 'foobar.jpg', mimeType: 'image/jpeg', buffer: await picture(browser, 1800, 1200) };
    await canvas.locator('input[type=file]').setInputFiles(file);
    await canvas.locator('img[src*="/wp-content/uploads/"]').waitFor();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('region', { name: 'Editor publish' }).getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('is now live').first().waitFor();

    await expectPost();
    const sizes = await exec(here.host, 'cd /srv/www/foobar.com/shared/wp-content/uploads && find . -name "foobar*.jpg" | wc -l');
    expect(Number(sizes.stdout)).toBeGreaterThan(3);
  });

  test('keeps its posts and uploads through a new release, and executes nothing that was uploaded', async () => {
    await writeFile(join(folder, 'app/wp-content/index.php'), '<?php // Silence, in another release.\n');
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: folder });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(named(ended, 'change').map(({ resource }) => String(resource).replace(/:.*/, ''))).toEqual(
      expect.arrayContaining(['release', 'live']),
    );
    await expectPost();

    const eye = await exec(
      here.host,
      `cd /srv/www/foobar.com
printf '<?php echo 6 * 7;' | tee shared/wp-content/uploads/run.php shared/wp-content/uploads/2026.phar >/dev/null
find current/ ! -user root; su -s /bin/sh foobar_com -c 'touch current/wp-content/mine' 2>&1`,
    );
    // The link by which Nginx reaches what outlives the release is the site's, or Nginx would not follow it.
    expect(eye.stdout).toMatch(/^current\/\.foobar-provision\/served\/wp-content\/uploads\ntouch: .*Permission denied\n$/);
    for (const name of ['run.php', '2026.phar']) expect((await page.goto(`/wp-content/uploads/${name}`))?.status()).toBe(404);
    const again = await cli(here.host, 'plan', [], { cwd: folder });
    expect(again.code, again.stdout).toBe(0);
  });

  /** The front page as a visitor sees it who has never been there, and the post's own page under a name that is no file. */
  async function expectPost(): Promise<void> {
    const visitor = await browser.newPage({ baseURL: 'http://www.foobar.com' });
    await visitor.goto('/');
    expect(await visitor.title(), await visitor.content()).toBe('Foobar, from elsewhere');
    await visitor.getByRole('link', { name: 'A post from a browser' }).click();
    await visitor.waitForURL('http://www.foobar.com/a-post-from-a-browser/');
    await visitor.getByText('Written by hand, with a picture.').waitFor();
    const image = `document.querySelector('figure img[src*="/wp-content/uploads/"]')`;
    expect(await visitor.evaluate(`${image}.decode().then(() => ${image}.naturalWidth)`)).toBe(1024);
    await visitor.close();
  }
});
