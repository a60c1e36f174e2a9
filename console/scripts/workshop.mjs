// The workshop's page, walked in the browser as its reader would: node scripts/workshop.mjs http://127.0.0.1:4566/
// The server has what examples/rider-photo/deploy.sh lays out, and no face in the collection. The state machine is made here, without
// its last step; that is added in the designer. Ends with 1 and a sentence when something is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, open, walk } from './browser.mjs';

const [url] = process.argv.slice(2);
const [ACCOUNT, REGION] = ['000000000000', 'us-east-1'];
const [BUCKET, THUMBNAILS, COLLECTION, TABLE] = [`wildrydes-rider-photos-${ACCOUNT}`, `wildrydes-thumbnails-${ACCOUNT}`, 'rider-photos', 'RiderPhotos'];
const KEY = '1_happy_face.jpg';
const MACHINE = `RiderPhotos-${Date.now()}`;
const PHOTO = JSON.stringify({ userId: 'user_a', s3Bucket: BUCKET, s3Key: KEY });
/** What the last step keeps of each photo. */
const ITEM = {
  TableName: TABLE,
  Item: {
    Username: { 'S.$': '$.userId' },
    s3bucket: { 'S.$': '$.s3Bucket' },
    s3key: { 'S.$': '$.s3Key' },
    faceId: { 'S.$': '$.parallelResult[0].FaceId' },
    thumbnail: {
      M: { s3bucket: { 'S.$': '$.parallelResult[1].thumbnail.s3bucket' }, s3key: { 'S.$': '$.parallelResult[1].thumbnail.s3key' } },
    },
  },
};
const FIRST_STEPS = ['FaceDetection', 'CheckFaceDuplicate', 'ParallelProcessing', 'AddFaceToIndex', 'Thumbnail'];
const LAST_STEP = 'PersistMetadata';
const FALLBACK = 'PhotoDoesNotMeetRequirement';

const browser = await launch();
const walker = await open(browser, { viewport: { width: 1440, height: 1000 }, permissions: ['clipboard-read', 'clipboard-write'] });
const { page, button, link, goTo, dialogue, shows } = walker;
/** Loads of whole pages: nothing is to be refreshed. */
let loads = 0;
page.on('load', () => { loads += 1; });

/** A state in the graph, which says what became of it. */
const node = (name, words = '') => page.getByRole('button', { name: new RegExp(`^${name}, .*${words}`) });
const inspector = page.getByRole('complementary', { name: 'Inspector' });
const mode = (name) => page.getByRole('toolbar', { name: 'Mode' }).getByRole('button', { name });

/** The strongest of red, green and blue in what fills a state. */
async function tint(name) {
  const fill = await node(name).locator('.cg-box').first().evaluate((box) => window.getComputedStyle(box).fill);
  const parts = (fill.match(/\d+/g) ?? []).map(Number);
  return ['red', 'green', 'blue'][parts.indexOf(Math.max(...parts))];
}

async function ends(green) {
  await page.waitForURL(/\/executions\//);
  for (const name of green) {
    await node(name, 'Succeeded').waitFor({ timeout: 60_000 }).catch(async (error) => {
      const states = await page.locator('.cg-node').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel));
      throw new Error(`${error.message}\nThe graph says: ${states.join('; ')}`);
    });
    assert.equal(await tint(name), 'green', name);
  }
  await page.getByRole('tabpanel', { name: 'Details' }).getByText('Succeeded').waitFor();
}

/** In the dialogue that is open. */
async function start() {
  const form = dialogue('Start execution');
  await form.getByLabel('Input').fill(PHOTO);
  await form.getByRole('button', { name: 'Start execution' }).click();
}

async function deleteTheFace() {
  await goTo('Collections');
  await link(COLLECTION).click();
  await page.getByRole('row').filter({ hasText: 'user_a' }).getByRole('checkbox').click();
  await button('Delete').last().click();
  const form = dialogue('Delete face?');
  await form.getByRole('textbox').fill('delete');
  await form.getByRole('button', { name: 'Delete', exact: true }).click();
  await shows('No faces');
}

async function toMachine() {
  await goTo('State machines');
  await link(MACHINE).click();
  await page.getByRole('heading', { name: MACHINE }).waitFor();
}

/** The example's definition as deploy.sh fills it in, ended before its last step. */
function definition() {
  const text = readFileSync(new URL('../../examples/rider-photo/state-machine.asl.json', import.meta.url), 'utf8');
  const machine = JSON.parse(text.replace(/REPLACE_WITH_(\w+)FunctionArn/g, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:$1`));
  delete machine.States[LAST_STEP];
  delete machine.States.ParallelProcessing.Next;
  machine.States.ParallelProcessing.End = true;
  return JSON.stringify(machine, null, 2);
}

async function paste(into, text) {
  await into.click();
  await page.evaluate((words) => window.navigator.clipboard.writeText(words), text);
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
}

async function drag(from, to) {
  await from.hover();
  await page.mouse.down();
  const canvas = await page.locator('.cg-surface').boundingBox();
  await page.mouse.move(canvas.x + 20, canvas.y + 20, { steps: 5 });
  await to.hover({ force: true });
  await page.mouse.up();
}

const steps = {
  'a state machine begins with a definition that is pasted': async () => {
    await page.goto(url);
    await link('Create state machine').first().click();
    await page.getByRole('radio', { name: 'Blank' }).check();
    await button('Use template').click();
    await mode('Code').click();
    await paste(page.getByRole('region', { name: 'Definition' }).getByRole('textbox'), definition());
    await shows('No problems');
    for (const name of [...FIRST_STEPS, FALLBACK]) await node(name).waitFor();
    assert.equal(await node(LAST_STEP).count(), 0);
  },
  'it gets a name and a role, and is created': async () => {
    await mode('Config').click();
    await page.getByLabel('State machine name').fill(MACHINE);
    await page.getByLabel('Execution role').fill(`arn:aws:iam::${ACCOUNT}:role/RiderPhotoStateMachine`);
    await button('Create').click();
    await page.getByRole('heading', { name: MACHINE }).waitFor();
    await shows(`Created ${MACHINE}`);
  },
  'the first photo passes: every state is green': async () => {
    await button('Start execution').first().click();
    await start();
    await ends(FIRST_STEPS);
    assert.doesNotMatch((await node(FALLBACK).getAttribute('aria-label')) ?? '', /Succeeded|Failed/);
  },
  'its face is in the collection, and is deleted there': deleteTheFace,
  'a state that is dragged into the graph is drawn there': async () => {
    await toMachine();
    await link('Edit').first().click();
    await mode('Design').click();
    await node('ParallelProcessing').waitFor();
    await page.getByRole('button', { name: 'Fit', exact: true }).click();
    const before = loads;
    await drag(
      page.getByRole('button', { name: /^DynamoDB PutItem/ }),
      page.locator('.cg-target').filter({ has: page.locator('title', { hasText: 'Insert between ParallelProcessing and End' }) }),
    );
    await node('DynamoDB PutItem').waitFor();
    await inspector.getByLabel('State name').fill(LAST_STEP);
    await inspector.getByLabel('State name').press('Enter');
    await node(LAST_STEP).waitFor();
    assert.equal(await node('DynamoDB PutItem').count(), 0);
    assert.equal(loads, before, 'the page was loaded anew');
  },
  'its form offers the table, and takes what is to be kept': async () => {
    await inspector.getByRole('combobox', { name: 'Table name' }).click();
    await page.getByRole('option', { name: TABLE }).click();
    await inspector.getByRole('tab', { name: 'Input' }).click();
    await shows(`"${TABLE}"`);
    await paste(inspector.getByRole('textbox', { name: 'Parameters' }), JSON.stringify(ITEM, null, 2));
    await inspector.getByRole('tab', { name: 'Output' }).click();
    await inspector.getByRole('textbox', { name: 'ResultPath' }).fill('null');
    await inspector.getByRole('textbox', { name: 'ResultPath' }).press('Enter');
    await shows('No problems');
    await mode('Code').click();
    await shows(/\$\.parallelResult\[0\]\.FaceId/);
    await mode('Design').click();
  },
  'saved and started from the editor, the new state runs too': async () => {
    await button('Save').click();
    await shows(`Saved ${MACHINE}`);
    await button('Start execution').click();
    await start();
    await ends([...FIRST_STEPS, LAST_STEP]);
  },
  'what it kept is in the table': async () => {
    await goTo('Tables');
    await link(TABLE).click();
    const row = page.getByRole('row').filter({ hasText: 'user_a' });
    await row.getByText(KEY, { exact: true }).waitFor();
    await row.getByText(BUCKET).waitFor();
    await row.getByText(new RegExp(`resized-${KEY}`)).waitFor();
  },
  'the thumbnail is seen in its bucket': async () => {
    await goTo('Buckets');
    await link(THUMBNAILS).click();
    await link(`resized-${KEY}`).click();
    const picture = page.getByRole('img', { name: new RegExp(`resized-${KEY}`) });
    await picture.waitFor();
    assert.deepEqual(await picture.evaluate((image) => [image.naturalWidth, image.naturalHeight]), [300, 200]);
  },
  'the same face again is caught, and leads to the other end': async () => {
    await toMachine();
    await button('Start execution').first().click();
    await start();
    await ends(['FaceDetection', FALLBACK]);
    await node('CheckFaceDuplicate', 'Caught error').waitFor();
    assert.equal(await tint('CheckFaceDuplicate'), 'red');
    for (const name of ['ParallelProcessing', LAST_STEP]) {
      assert.doesNotMatch((await node(name).getAttribute('aria-label')) ?? '', /Succeeded|Failed|Canceled/);
    }
  },
  'the step that failed says why': async () => {
    await page.getByRole('button', { name: 'Fit', exact: true }).click();
    await node('CheckFaceDuplicate').click();
    const panel = page.getByRole('region', { name: 'Step CheckFaceDuplicate' });
    await panel.getByText('FaceAlreadyExistsError').first().waitFor();
    await panel.getByText(/Face in the picture is already in the system/).first().waitFor();
    await node(FALLBACK).click();
    const next = page.getByRole('region', { name: `Step ${FALLBACK}` });
    await next.getByText(/"errorInfo"/).first().waitFor();
  },
  'with the face deleted the photo passes again': async () => {
    await deleteTheFace();
    await toMachine();
    await button('Start execution').first().click();
    await start();
    await ends([...FIRST_STEPS, LAST_STEP]);
  },
};

await walk(walker, steps);
await browser.close();
