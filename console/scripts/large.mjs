// How long a large execution takes to open and how smoothly it scrolls: npm run large -- http://127.0.0.1:4566/
// Makes one of 20,002 events and opens each view of it three times, every time on a page that knows nothing yet, in a browser that has
// the files. In milliseconds: until the header, until the first row or node, until the whole history; frames while 200 steps of 400
// pixels are scrolled. It only prints.
import { setTimeout as pause } from 'node:timers/promises';
import { launch, open } from './browser.mjs';

const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: npm run large -- URL');
  process.exit(2);
}
const ITERATIONS = 4999;
const DEFINITION = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', MaxConcurrency: 4, End: true,
      ItemProcessor: { StartAt: 'Photo', States: { Photo: { Type: 'Pass', End: true } } },
    },
  },
};
/** What shows a view's first content. */
const CONTENT = { graph: '.cg-node', table: '.ex-body [role=row]', events: '.ex-body [role=row]', timeline: '.ex-body [role=row]' };
const ROUNDS = 3;

/** An operation of Step Functions; nothing checks the signature of the key `test` on loopback. */
async function call(operation, input) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
  return answer.json();
}

async function largeExecution() {
  const { stateMachineArn } = await call('CreateStateMachine', {
    name: `large-${Date.now()}`, definition: JSON.stringify(DEFINITION), roleArn: 'arn:aws:iam::000000000000:role/any',
  });
  const input = JSON.stringify(Array.from({ length: ITERATIONS }, (_, id) => ({ id, key: `photos/rider-${id}.jpg` })));
  const { executionArn } = await call('StartExecution', { stateMachineArn, input });
  while ((await call('DescribeExecution', { executionArn })).status === 'RUNNING') await pause(100);
  return executionArn;
}

/** In the page: the gaps between frames in milliseconds, while a table scrolls. */
async function frames() {
  const table = document.querySelector('.ex-table');
  const gaps = [];
  for (let last = await new Promise(window.requestAnimationFrame); gaps.length < 200; ) {
    table.scrollTop += 400;
    const now = await new Promise(window.requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return `p50 ${gaps[100].toFixed(0)}, p99 ${gaps[198].toFixed(0)}, longest ${gaps[199].toFixed(0)}`;
}

const arn = await largeExecution();
const browser = await launch();
const { page } = await open(browser, { viewport: { width: 1440, height: 900 } });
for (let round = 1; round <= ROUNDS; round += 1) {
  for (const [view, content] of Object.entries(CONTENT)) {
    await page.goto('about:blank');
    const began = Date.now();
    const since = () => Date.now() - began;
    await page.goto(new URL(`console/executions/${encodeURIComponent(arn)}?view=${view}`, url).href, { waitUntil: 'commit' });
    await page.locator('.execution').waitFor();
    const header = since();
    await page.locator(content).first().waitFor();
    const first = since();
    await page.waitForFunction((count) => document.body.innerText.includes(count), (4 * ITERATIONS + 6).toLocaleString('en-US'));
    const whole = since();
    const scrolled = view === 'events' ? `; frames ${await page.evaluate(frames)}` : '';
    console.log(`${view}: header ${header}, first content ${first}, whole history ${whole} ms${scrolled}`);
  }
}
await browser.close();
