// Pictures of pages to look at: npm run shots -- http://127.0.0.1:4566/console/ FOLDER [PATH…]
// Each path at 1440 and 390 pixels, light and dark, in Debian's Chromium; what the page complains about is printed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base, folder, ...paths] = process.argv.slice(2);
if (base === undefined || folder === undefined) {
  console.error('usage: npm run shots -- CONSOLE_URL FOLDER [PATH…]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const path of paths.length === 0 ? ['state-machines'] : paths) {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(path, message.text()));
      page.on('pageerror', (error) => console.log(path, error.message));
      await page.goto(new URL(path, base).href);
      // A page that follows a stream is never idle.
      await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) {
        console.log(`${path}: ${overflow} px wider than ${width}`);
      }
      const name = path.replace(/\W+/g, '-').slice(-60);
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
      await page.close();
    }
  }
}
await browser.close();
