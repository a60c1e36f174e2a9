// A walk through the console of a running server, as a person would take it, in Debian's Chromium:
// node scripts/walk.mjs http://127.0.0.1:4566/
// The server has a Standard state machine named `walk` that takes any input. Ends with 1 and a sentence when something is not
// as it should be; anything that the browser complains about is such a thing.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const execution = `by-hand-${Date.now()}`;
const complaints = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(error.message));

const button = (name) => page.getByRole('button', { name, exact: true });
const dialogue = (name) => page.getByRole('dialog', { name });
const shows = (text) => page.getByText(text).filter({ visible: true }).first().waitFor();

const steps = {
  'the door leads to the list of state machines': async () => {
    await page.goto(url);
    await page.getByRole('link', { name: 'walk', exact: true }).waitFor();
    assert.match(page.url(), /\/console\/state-machines/);
    assert.equal(await page.title(), 'State machines | Canter');
    await shows('000000000000');
  },
  'a search finds nothing, and says so': async () => {
    await page.getByPlaceholder('Find state machines').fill('nothing of this name');
    await shows('No matches');
    assert.match(page.url(), /q=nothing/);
    await page.getByPlaceholder('Find state machines').fill('');
  },
  'an execution is started from the page of its state machine': async () => {
    await page.getByRole('link', { name: 'walk', exact: true }).click();
    await button('Start execution').first().click();
    const form = dialogue('Start execution');
    await form.getByLabel('Input').fill('{"photo": ');
    await form.getByText(/JSON/).last().waitFor();
    assert.ok(await form.getByRole('button', { name: 'Start execution' }).isDisabled(), 'half an input can be sent');
    await form.getByLabel('Input').fill('{"photo": 12345678901234567890}');
    await form.getByLabel(/^Name/).fill(execution);
    await form.getByRole('button', { name: 'Start execution' }).click();
    await page.waitForURL(/\/executions\//);
    await shows('Succeeded');
    await shows('12345678901234567890');
  },
  'its address works by itself': async () => {
    await page.reload();
    await shows(execution);
    await shows('ExecutionSucceeded');
  },
  'a filter in an address is heeded': async () => {
    const machine = await page.getByRole('link', { name: 'walk', exact: true }).getAttribute('href');
    const address = new URL(machine ?? '', page.url());
    address.searchParams.set('q', execution.toUpperCase());
    address.searchParams.set('last', '3600');
    await page.goto(address.href);
    await page.getByRole('link', { name: execution }).waitFor();
    await page.getByPlaceholder('Find executions by name').fill('other');
    await shows('No matches');
  },
  'another region is another place': async () => {
    await page.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('menuitem', { name: /Ireland/ }).click();
    await shows('No state machines');
    assert.match(page.url(), /region=eu-west-1/);
    await page.goBack();
    await shows('walk');
  },
  'a server that goes away is named, and the page goes on when it is back': async () => {
    await page.goto(`${url}console/state-machines?region=us-east-1`);
    await page.getByRole('link', { name: 'walk', exact: true }).waitFor();
    await context.setOffline(true);
    await button('Refresh').click();
    await shows('The server does not answer');
    await page.getByRole('link', { name: 'walk', exact: true }).waitFor();
    await context.setOffline(false);
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
    // The browser's own words about the lost connection are no complaint.
    complaints.splice(0);
  },
  'a key that the server refuses is asked for again, with the reason': async () => {
    const answer = { __type: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.' };
    await page.route(url, (route) =>
      route.fulfill({ status: 403, contentType: 'application/x-amz-json-1.0', body: JSON.stringify(answer) }),
    );
    await button('Refresh').click();
    await shows('The security token included in the request is invalid.');
    await page.unroute(url);
    await page.getByLabel('Secret access key').fill('test');
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'walk', exact: true }).waitFor();
    // The browser's own words about the refusal are no complaint.
    complaints.splice(0);
  },
  'who signs out is asked for a key': async () => {
    await page.getByRole('button', { name: /000000000000/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Access key ID').fill('123456789012');
    await page.reload();
    await page.getByLabel('Access key ID').fill('123456789012');
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await shows('No state machines');
    await shows('123456789012');
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    await step().catch((error) => {
      throw new Error(`${name}: ${error.message}\nat ${page.url()}`);
    });
    assert.deepEqual(complaints, [], `${name}: the browser complains`);
    console.log(name);
  }
} catch (error) {
  console.error(error.message);
  await page.screenshot({ path: process.env.WALK_PICTURE ?? '/tmp/walk.png' });
  process.exitCode = 1;
}
await browser.close();
