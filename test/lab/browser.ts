import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Sandbox } from '../../src/sandbox/index.ts';

const executablePath = '/usr/bin/chromium';

/** Why no browser can be started here; undefined where one can. */
export function noBrowser(): string | undefined {
  return existsSync(executablePath) ? undefined : `there is no ${executablePath} (apt-get install chromium)`;
}

/** The system's Chromium, which finds the given names at the host and no other name anywhere. It is the caller's to close. */
export async function browse({ address }: Sandbox, names: readonly string[]): Promise<Browser> {
  const rules = [...names.map((name) => `MAP ${name} ${address}`), 'MAP * ~NOTFOUND', `EXCLUDE ${address}`];
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${rules.join(', ')}`,
    ],
  });
}

/** A JPEG of that many pixels, as a camera would have made it. */
export async function picture(browser: Browser, width: number, height: number): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent('<body style="margin: 0; height: 100vh; background: linear-gradient(135deg, seagreen, midnightblue)">');
  const taken = await page.screenshot({ type: 'jpeg' });
  await page.close();
  return taken;
}

/** With `FOOBAR_SCREENSHOTS=DIR`, keeps how the page looks, for a person to see. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.FOOBAR_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
}
