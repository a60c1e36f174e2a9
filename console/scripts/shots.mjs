// Pictures of pages to look at, and what axe says of them: npm run shots -- http://127.0.0.1:4566/console/ [FOLDER [PATH…]]
// Without paths every page that has something to show, as pages.mjs finds them; without a folder no pictures. Each page at 1440
// and 390 pixels, light and dark. Ends with 1 when axe finds something serious or critical, when a page is wider than the window,
// or when the browser complains.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, open } from './browser.mjs';
import { show, visit } from './pages.mjs';

const [base, folder, ...paths] = process.argv.slice(2);
if (base === undefined) {
  console.error('usage: npm run shots -- CONSOLE_URL [FOLDER [PATH…]]');
  process.exit(2);
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [WIDE, NARROW] = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];
/** The browser's own words for an answer that is an error. */
const REFUSED = /^Failed to load resource/;

if (folder !== undefined) mkdirSync(folder, { recursive: true });
const browser = await launch();
const walker = await open(browser, { viewport: WIDE, reducedMotion: 'reduce' });
const { page, complaints } = walker;

function report(name, text) {
  console.log(`${name}: ${text}`);
  process.exitCode = 1;
}

/** Pictures and findings of a view, as it is now. */
async function look({ name, isAbsent }) {
  console.log(name);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await settle();
    for (const finding of await page.evaluate(findings, AXE)) report(`${name} ${colorScheme}`, finding);
    for (const size of folder === undefined ? [WIDE] : [WIDE, NARROW]) await picture(name, size, colorScheme);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  for (const text of complaints.splice(0)) if (!(isAbsent && REFUSED.test(text))) report(name, text);
}

async function picture(name, size, colorScheme) {
  await page.setViewportSize(size);
  await settle();
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  if (scrollWidth > clientWidth) report(name, `${scrollWidth - clientWidth} px wider than ${size.width}`);
  if (folder !== undefined) {
    // The bar stays at the top of what is seen.
    await page.evaluate(() => window.scrollTo(0, 0));
    const file = `${name.replace(/\W+/g, '-')}-${size.width}-${colorScheme}.png`;
    await page.screenshot({ path: join(folder, file), fullPage: true, animations: 'disabled' });
  }
  await page.setViewportSize(WIDE);
}

/** When what moves has come to rest. */
function settle() {
  return page.evaluate(async () => {
    await new Promise((done) => window.requestAnimationFrame(() => window.requestAnimationFrame(done)));
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** In the page: what axe finds that keeps somebody out. The policy forbids scripts in the page, so axe comes as text. */
async function findings(source) {
  if (window.axe === undefined) (0, eval)(source);
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html, any }) => `${id}: ${help}: ${target.flat().join(' ')} ${html.slice(0, 160)} ${any.map(({ message }) => message).join('; ').slice(0, 200)}`));
}

if (paths.length === 0) {
  await visit(walker, base, look);
} else {
  for (const path of paths) {
    await show(walker, new URL(path, base).href);
    await look({ name: path.slice(-60) });
  }
}
await browser.close();
