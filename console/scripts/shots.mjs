// Pictures of pages to look at, and what axe says of them: npm run shots -- http://127.0.0.1:4566/console/ [FOLDER [PATH…]]
// Without paths every page that has something to show and every dialogue, as pages.mjs finds them; without a folder no pictures.
// Each at 1440 and 390 pixels, light and dark. Ends with 1 when axe finds something serious or critical, when a page is wider than
// the window, or when the browser complains.
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
const SCHEMES = ['light', 'dark'];
const [WIDE, NARROW] = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];
/** What can differ where only the colours do: axe's rules about them, without the one of level AAA, which it does not run by itself. */
const ONLY_COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
/** Pixels by which Cloudscape's fields reach into the padding around a form. */
const FIELD_GUTTER = 10;
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

/** Pictures and findings of a view, as it is now; of a dialogue, `within` is what it stands in. */
async function look({ name, isAbsent, within }) {
  console.log(name);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await settle();
    for (const finding of await page.evaluate(findings, [AXE, within, colorScheme === 'light' ? undefined : ONLY_COLOURS])) report(`${name} ${colorScheme}`, finding);
    if (folder !== undefined || colorScheme === 'light') await measure(name, WIDE, colorScheme);
  }
  // Last, since the navigation does not come back; and once if there are no pictures, since colours take no room.
  await page.setViewportSize(NARROW);
  for (const colorScheme of folder === undefined ? ['light'] : SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await measure(name, NARROW, colorScheme);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
  for (const text of complaints.splice(0)) if (!(isAbsent && REFUSED.test(text))) report(name, text);
}

/** Whether a view fits into the window, which has that size, and a picture of it. */
async function measure(name, size, colorScheme) {
  await settle();
  for (const tooWide of await page.evaluate(overflow, FIELD_GUTTER)) report(name, `at ${size.width} px, ${tooWide}`);
  if (folder !== undefined) {
    // The bar stays at the top of what is seen.
    await page.evaluate(() => window.scrollTo(0, 0));
    const file = `${name.replace(/\W+/g, '-')}-${size.width}-${colorScheme}.png`;
    await page.screenshot({ path: join(folder, file), fullPage: true, animations: 'disabled' });
  }
}

/** In the page: how much wider it, or the form of a dialogue, is than the room for it. */
function overflow(gutter) {
  return [document.documentElement, ...document.querySelectorAll('[role=dialog] form')]
    .map((one) => ({ what: one.tagName.toLowerCase(), by: one.scrollWidth - one.clientWidth - (one === document.documentElement ? 0 : gutter) }))
    .flatMap(({ what, by }) => (by > 0 ? [`${what} is ${by} px too wide`] : []));
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
async function findings([source, within, runOnly]) {
  if (window.axe === undefined) (0, eval)(source);
  const { violations } = await window.axe.run(within ?? document, { resultTypes: ['violations'], ...(runOnly === undefined ? {} : { runOnly }) });
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
