import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { browse, noBrowser, shoot } from './browser.ts';
import { cli, folder } from './cli.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

const reason = unsupported() ?? noBrowser();
const site = 'http://www.foobar.com';
const secure = 'https://www.foobar.com';

describe('the bundled site, in a browser', () => {
  const here = lab('trixie', { include: stack }, reason);
  let browser: Browser;

  beforeAll(async () => {
    if (reason !== undefined) return;
    const ended = await cli(here.host, 'apply', ['--yes', '--config', `${import.meta.dirname}/lean.config.json`]);
    expect(ended.code, ended.stderr).toBe(0);
    browser = await browse(here.host, ['www.foobar.com', 'foobar.com', 'nobody.foobar.net']);
  });
  afterAll(() => browser?.close());

  describe.each([
    { width: 1280, height: 800, colorScheme: 'light' },
    { width: 1280, height: 800, colorScheme: 'dark' },
    { width: 390, height: 844, colorScheme: 'light' },
    { width: 390, height: 844, colorScheme: 'dark' },
  ] as const)('$width pixels wide, $colorScheme', ({ width, height, colorScheme }) => {
    const open = async (path: string) => {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      const complaints = await listen(page);
      await page.goto(`${site}${path}`, { waitUntil: 'networkidle' });
      return { page, complaints };
    };

    test('every hop works, including the browser’s own measurements, without console messages', async () => {
      const { page, complaints } = await open('/');
      expect(await page.locator('.hop h3').allTextContents()).toEqual(['Your browser', 'Nginx', 'PHP-FPM', 'MariaDB']);
      expect(await page.locator('.hop .sign').allTextContents()).toEqual(['works', 'works', 'works', 'works']);
      await page.getByText(/^200 in /).waitFor();
      await shoot(page, `home-${width}-${colorScheme}`);
      await expectLaidOut(page, colorScheme);
      expect(complaints).toEqual([]);
      await page.close();
    });

    test('the guestbook, empty or not, and a missing page', async () => {
      const { page, complaints } = await open('/guestbook');
      await page.getByRole('heading', { name: 'Guestbook' }).waitFor();
      await shoot(page, `guestbook-${width}-${colorScheme}`);
      await expectLaidOut(page, colorScheme);
      expect(complaints).toEqual([]);
      expect((await page.goto(`${site}/no-such-page`))?.status()).toBe(404);
      await shoot(page, `missing-${width}-${colorScheme}`);
      await expectLaidOut(page, colorScheme);
      await page.close();
    });
  });

  test('an entry in the guestbook is posted once, and shown to the next visitor unchanged', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const complaints = await listen(page);
    await page.goto(`${site}/guestbook`);
    await page.getByLabel('Name').fill('Zoë <b>& co</b>');
    await page.getByLabel('Message').fill('Greetings from a browser 👋\n<script>alert(1)</script>');
    await page.getByRole('button', { name: 'Sign the guestbook' }).click();
    await page.getByText('Your message is stored').waitFor();
    await shoot(page, 'guestbook-signed');
    await page.reload();
    await page.goto(`${site}/guestbook`);
    expect(await page.locator('.read .message').allTextContents()).toEqual(['Greetings from a browser 👋\n<script>alert(1)</script>']);
    expect(await page.locator('.read bdi').allTextContents()).toEqual(['Zoë <b>& co</b>']);

    await page.getByLabel('Message').fill('');
    await page.getByRole('button', { name: 'Sign the guestbook' }).click();
    await page.getByText('Not stored yet').waitFor();
    await shoot(page, 'guestbook-refused');
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    await page.close();
  });

  test('if the database is down, the page names the failed hop and keeps what was typed', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${site}/guestbook`);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Message').fill('Typed with care');
    await exec(here.host, 'systemctl stop mariadb');
    await page.getByRole('button', { name: 'Sign the guestbook' }).click();
    await page.getByText('Your message is not stored').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('Typed with care');
    expect((await page.goto(site))?.status()).toBe(503);
    await page.getByRole('heading', { name: 'It stops at the database.' }).waitFor();
    expect(await page.locator('.hop .sign').allTextContents()).toEqual(['works', 'works', 'works', 'broken']);
    await shoot(page, 'broken');
    await exec(here.host, 'systemctl start mariadb');
    await page.getByRole('link', { name: 'Try again' }).click();
    expect(await page.locator('.hop .sign').allTextContents()).toEqual(['works', 'works', 'works', 'works']);
    await page.close();
  });

  test('an unknown name gets no answer', async () => {
    const status = async (url: string) => {
      const page = await browser.newPage();
      return page
        .goto(url)
        .then((answer) => answer?.status())
        .finally(() => page.close());
    };
    await expect(status('http://nobody.foobar.net/')).rejects.toThrow(/net::ERR_(EMPTY_RESPONSE|CONNECTION_RESET)/);
    await expect(status(`http://${here.host.address}/`)).rejects.toThrow(/net::ERR_(EMPTY_RESPONSE|CONNECTION_RESET)/);
    expect(await status('http://foobar.com/')).toBe(200);
  });

  test('over HTTPS it follows its own policy, and all of it is loaded over HTTPS', async () => {
    const config = { domain: 'www.foobar.com', php: { extensions: [] }, host: false, https: 'self-signed' };
    const cwd = folder({ 'foobar.config.json': JSON.stringify(config) });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const complaints = await listen(page, secure);
    const answer = await page.goto(`${secure}/`, { waitUntil: 'networkidle' });
    expect(await answer?.headerValue('content-security-policy')).toContain("default-src 'none'");
    expect(await page.locator('.hop .sign').allTextContents()).toEqual(['works', 'works', 'works', 'works']);
    await page.getByText(/^200 in /).waitFor();
    await page.goto(`${secure}/guestbook`);
    await page.getByLabel('Name').fill('Grace');
    await page.getByLabel('Message').fill('By HTTPS');
    await page.getByRole('button', { name: 'Sign the guestbook' }).click();
    await page.getByText('Your message is stored').waitFor();
    expect(complaints).toEqual([]);
    // What the policy forbids is told, so silence means something.
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }))");
    await expect.poll(() => complaints.join('\n')).toMatch(/script-src/);
    await page.close();
  });
});

/** What the browser finds wrong from now on: errors, refusals by the page's own policy, and requests to anywhere else. */
async function listen(page: Page, origin = site): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`asks for ${request.url()}`);
  });
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(violatedDirective, blockedURI))`,
  );
  return complaints;
}

/** Nothing reaches past the sides, and light is light. */
async function expectLaidOut(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  const background = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0]');
  expect(Number(background) > 128 ? 'light' : 'dark').toBe(colorScheme);
}
