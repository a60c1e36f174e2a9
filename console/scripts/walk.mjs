// A walk through the console of a running server, as a person would take it, in Debian's Chromium:
// node scripts/walk.mjs http://127.0.0.1:4566/ LINK
// The server has a Standard state machine named `walk` that takes any input, and LINK leads to an object: a page titled `stored`
// with a script that gives it another title. Ends with 1 and a sentence when something is not
// as it should be; anything that the browser complains about is such a thing.
import assert from 'node:assert/strict';
import { launch, open, walk } from './browser.mjs';

const [url, stored] = process.argv.slice(2);
const browser = await launch();
const walker = await open(browser);
const { context, page, complaints, button, link, dialogue, shows } = walker;
const execution = `by-hand-${Date.now()}`;
const TYPED = '"Comment": "typed",';
const typeIntoCode = async () => {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.insertText(TYPED);
};

const steps = {
  'the door leads to the list of state machines': async () => {
    await page.goto(url);
    await link('walk').waitFor();
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
    await link('walk').click();
    await button('Start execution').first().click();
    const form = dialogue('Start execution');
    await form.getByLabel('Input').fill('{"photo": ');
    await form.getByText(/JSON/).last().waitFor();
    assert.ok(await form.getByRole('button', { name: 'Start execution' }).isDisabled(), 'half an input can be sent');
    await form.getByLabel('Input').fill('{"photo": 12345678901234567890}');
    // Beside it.
    await page.mouse.click(5, 890);
    await form.getByLabel(/^Name/).fill(execution);
    await form.getByRole('button', { name: 'Start execution' }).click();
    await page.waitForURL(/\/executions\//);
    await shows('Succeeded');
    await page.getByRole('tab', { name: 'Input & output' }).click();
    await shows('12345678901234567890');
    await button('Event view').click();
    await shows('ExecutionSucceeded');
  },
  'its address works by itself': async () => {
    await page.reload();
    await shows(execution);
    await shows('12345678901234567890');
    await shows('ExecutionSucceeded');
  },
  'a filter in an address is heeded': async () => {
    const machine = await link('walk').getAttribute('href');
    const address = new URL(machine ?? '', page.url());
    address.searchParams.set('q', execution.toUpperCase());
    address.searchParams.set('last', '3600');
    await page.goto(address.href);
    await page.getByRole('link', { name: execution }).waitFor();
    await page.getByRole('checkbox', { name: `Select ${execution}` }).click();
    assert.ok(await button('View details').isEnabled(), 'nothing is selected');
    const name = page.getByPlaceholder('Find executions by name');
    await name.fill('her');
    await name.press('Home');
    await page.keyboard.type('ot');
    assert.equal(await name.inputValue(), 'other');
    await shows('No matches');
    assert.ok(await button('View details').isDisabled(), 'what the filter hides is still selected');
  },
  'another region is another place': async () => {
    await page.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('menuitem', { name: /Ireland/ }).click();
    await shows('No state machines');
    assert.match(page.url(), /region=eu-west-1/);
    await page.goBack();
    await shows('walk');
  },
  'a page among the objects runs no script': async () => {
    await page.goto(stored);
    assert.equal(await page.title(), 'stored');
    await page.goBack();
    await link('walk').waitFor();
    // The browser says that it ran none.
    complaints.splice(0);
  },
  'why a text was refused goes when the text is mended, by one key': async () => {
    const machine = await link('walk').getAttribute('href');
    const editor = new URL(machine ?? '', page.url());
    editor.pathname += '/edit';
    editor.searchParams.set('mode', 'code');
    await page.goto(editor.href);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Delete');
    await shows('1 error');
    await button('Save').click();
    const refusal = page.getByRole('alert').filter({ hasText: 'The state machine could not be saved' });
    await refusal.getByText('The text must begin with { (line 1 column 1)').click();
    await page.keyboard.press('Control+z');
    await refusal.waitFor({ state: 'detached' });
    await shows('No problems');
    // The browser's own words about the refusal are no complaint.
    complaints.splice(0);
  },
  'another region takes nothing away that is not saved': async () => {
    await typeIntoCode();
    await page.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('menuitem', { name: /Ireland/ }).click();
    await button('Keep editing').click();
    await shows(TYPED);
    await page.getByRole('button', { name: 'Region: us-east-1' }).waitFor();
  },
  'a server that goes away is named, and the page goes on when it is back': async () => {
    page.once('dialog', (question) => void question.accept());
    await page.goto(`${url}console/state-machines?region=us-east-1`);
    await link('walk').waitFor();
    await context.setOffline(true);
    await button('Refresh').click();
    await shows('The server does not answer');
    await link('walk').waitFor();
    await context.setOffline(false);
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
    // The browser's own words about the lost connection are no complaint.
    complaints.splice(0);
  },
  'what is typed outlasts a server that goes away and comes back with less': async () => {
    await link('walk').click();
    await page.getByRole('tab', { name: 'Tags' }).click();
    await button('Manage tags').first().click();
    const form = dialogue('Manage tags');
    await form.getByRole('button', { name: 'Add tag' }).click();
    await form.getByRole('textbox').first().fill('typed');
    await context.setOffline(true);
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('The server does not answer.').waitFor();
    const answer = { __type: 'InternalServerException', message: 'It has just begun.' };
    await page.route(url, (route) =>
      route.fulfill({ status: 400, contentType: 'application/x-amz-json-1.0', body: JSON.stringify(answer) }),
    );
    await context.setOffline(false);
    await shows('The tags could not be listed');
    assert.equal(await form.getByRole('textbox').first().inputValue(), 'typed');
    await page.unroute(url);
    await form.getByRole('button', { name: 'Cancel' }).click();
    await link('State machines').first().click();
    complaints.splice(0);
  },
  'a key that the server refuses is asked for again, with the reason, and the page stays': async () => {
    await link('walk').click();
    await button('Start execution').first().click();
    const input = dialogue('Start execution').getByLabel('Input');
    await input.fill(`{${TYPED} "at": 1}`);
    const answer = { __type: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.' };
    await page.route(url, (route) =>
      route.fulfill({ status: 403, contentType: 'application/x-amz-json-1.0', body: JSON.stringify(answer) }),
    );
    await dialogue('Start execution').getByRole('button', { name: 'Start execution' }).click();
    await dialogue('Sign in again').getByText('The security token included in the request is invalid.').waitFor();
    await page.unroute(url);
    assert.equal(await page.getByLabel('Access key ID').inputValue(), 'test');
    await page.getByLabel('Access key ID').fill('000000000000');
    await page.getByLabel('Secret access key').fill('test');
    await dialogue('Sign in again').getByRole('button', { name: 'Sign in' }).click();
    await dialogue('Sign in again').waitFor({ state: 'detached' });
    assert.match(await input.inputValue(), /typed/, 'what was typed is gone');
    await button('Cancel').click();
    await link('State machines').first().click();
    await link('walk').waitFor();
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

await walk(walker, steps);
await browser.close();
