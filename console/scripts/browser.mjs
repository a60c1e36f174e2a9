// What the scripts have in common: Debian's Chromium, the ways to find what a person sees, and a walk of steps.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** Nothing takes longer. */
const WAIT_MS = 20_000;
/** So long nothing is asked: what an answer leads to is asked sooner. */
const REST_MS = 250;

/** A page, the list of what the browser complains about there, and how to find things on it. */
export async function open(browser, options = { viewport: { width: 1280, height: 900 } }) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const waiting = new Set();
  let changed = Date.now();
  const answered = (request) => waiting.delete(request) && (changed = Date.now());
  page.on('request', (request) => waiting.add(request));
  page.on('response', (response) => answered(response.request()));
  page.on('requestfailed', answered);
  const button = (name) => page.getByRole('button', { name, exact: true });
  const link = (name) => page.getByRole('link', { name, exact: true });
  return {
    context,
    page,
    complaints,
    /** Until every request has its answer and for a moment no other is made; streams of events go on. */
    rest: async () => {
      const began = Date.now();
      while (waiting.size > 0 || Date.now() - changed < REST_MS) {
        assert.ok(Date.now() - began < WAIT_MS, `no answer: ${[...waiting].map((request) => request.url()).join(', ')}`);
        await page.waitForTimeout(REST_MS / 10);
      }
    },
    button,
    link,
    /** By the navigation, which is folded where a page needs the room. */
    goTo: async (name) => {
      const folded = button('Open side navigation');
      if (await folded.isVisible()) await folded.click();
      await link(name).first().click();
    },
    dialogue: (name) => page.getByRole('dialog', { name }),
    shows: (text) => page.getByText(text).filter({ visible: true }).first().waitFor(),
  };
}

/** Takes the steps one by one and says each; at the first that fails: a sentence, a picture and exit code 1. */
export async function walk({ page, complaints }, steps) {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      assert.deepEqual(complaints, [], 'the browser complains');
    } catch (error) {
      console.error(`${name}: ${error.message}\nat ${page.url()}`);
      await page.screenshot({ path: process.env.WALK_PICTURE ?? '/tmp/walk.png' });
      process.exitCode = 1;
      return;
    }
    console.log(name);
  }
}
