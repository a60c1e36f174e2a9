// Finds the pages of a console as a person does: by links, tabs and the states in graphs.

/** So many pages of a kind are looked at, the first ones; of others one. */
const OF_A_KIND = { 'state-machines/*': 4, 'executions/*': 5, 's3/*': 2 };
/** Buttons that choose a view, and tabs; with a state selected, the tabs about it. */
const VIEWS = 'main [role=toolbar] button[aria-pressed]';
const CHOICES = [`${VIEWS}, main [role=tab]`, `${VIEWS}, main [aria-label^="Step "] [role=tab], main [aria-label="Inspector"] [role=tab]`];
/** The states that have most to tell come first. */
const STATES = ['caught', 'failed', 'succeeded'].map((status) => `main .cg-node[role=button][data-status=${status}]`);
const STATE = 'main .cg-node[role=button]';
/** What an address says beside the page and what it is about. */
const ASIDE = new Set(['region', 'state', 'event', 'with', 'bucket', 'key', 'prefix', 'find', 'qualifier', 'from']);
/** A function that has said nothing has no log group. */
const MAY_BE_ABSENT = new Set(['lambda/* tab=logs']);
/** Where there is nothing, and where nothing can be. */
const ELSEWHERE = ['state-machines', 'lambda', 's3', 'dynamodb', 'rekognition', 'detect-faces'].map((path) => ({ path, region: 'eu-west-1' }));
const ABSENT = [
  'no-such-page', 'state-machines/arn:aws:states:us-east-1:000000000000:stateMachine:none',
  'executions/arn:aws:states:us-east-1:000000000000:execution:none:none', 'map-runs/arn:aws:states:us-east-1:000000000000:mapRun:none/none:none',
  's3/no-such-bucket', 'dynamodb/none', 'lambda/none', 'rekognition/none',
].map((path) => ({ path, region: 'us-east-1' }));

/** Goes to a view and waits until it has all that it asked for. */
export async function show({ page, complaints, rest }, { address, depth, choice }) {
  // Of pages that were only passed.
  complaints.splice(0);
  await page.goto(address);
  await rest();
  if (choice === undefined) return;
  await page.locator(CHOICES[depth]).nth(choice).click();
  await rest();
}

/**
 * Looks at every view: `{ name, address }`, its name made of its kind and of what is chosen on it. What `isAbsent` the server need
 * not know.
 */
export async function visit(walker, base, look) {
  const { page } = walker;
  const seen = new Map();
  const queue = [];
  const add = (address, depth, choice, label) => {
    const url = new URL(address, base);
    url.hash = '';
    if (!url.href.startsWith(base)) return;
    const { kind, chosen } = readAddress(url, base);
    if (chosen.length > 1) return;
    const name = [kind, ...chosen, ...(url.searchParams.has('state') ? ['state'] : []), ...(label === undefined ? [] : [label])].join(' ');
    const count = seen.get(name) ?? new Set();
    if (count.has(url.href) || count.size >= (OF_A_KIND[name] ?? 1)) return;
    seen.set(name, count.add(url.href));
    queue.push({ name: count.size === 1 ? name : `${name} ${count.size}`, address: url.href, depth, choice, isAbsent: MAY_BE_ABSENT.has(name) });
  };
  add(new URL('state-machines?region=us-east-1', base).href, 0);
  for (let view = queue.shift(); view !== undefined; view = queue.shift()) {
    await show(walker, view);
    await look(view);
    const links = await page.locator('nav a[href], main a[href]').evaluateAll((all) => all.map((link) => link.href));
    links.forEach((link) => add(link, 0));
    comparisons(links, base).forEach((link) => add(link, 0));
    if (view.depth < CHOICES.length && view.choice === undefined) await choose(walker, view, add);
  }
  for (const { path, region } of [...ELSEWHERE, ...ABSENT]) {
    const view = { name: `${path.replace(/arn:.*/, 'none')} ${region}`, address: new URL(`${path}?region=${region}`, base).href, isAbsent: true };
    await show(walker, view);
    await look(view);
  }
}

/** Every tab and view of a page, and a state of its graph. */
async function choose(walker, { address, depth }, add) {
  const { page, rest } = walker;
  const choices = await page.locator(CHOICES[depth]).evaluateAll((all) =>
    all.map((one) => ({ label: one.textContent, isChosen: [one.ariaSelected, one.ariaPressed].includes('true') })));
  for (const [choice, { label, isChosen }] of choices.entries()) {
    if (isChosen) continue;
    await page.goto(address);
    await page.locator(CHOICES[depth]).nth(choice).click();
    if (page.url() === address) add(address, depth, choice, label);
    else add(page.url(), CHOICES.length);
  }
  await show(walker, { address });
  for (const states of [...STATES, STATE]) {
    const state = page.locator(states).first();
    if ((await state.count()) === 0) continue;
    await state.click();
    await rest();
    if (page.url() !== address) add(page.url(), depth + 1);
    return;
  }
}

/** `executions/*` and `view=table`: which page it is, and what is chosen there. */
function readAddress(url, base) {
  const segments = url.pathname.slice(new URL(base).pathname.length).split('/');
  const kind = segments.map((segment, index) => (index % 2 === 0 || segment === 'create' ? segment : '*')).join('/');
  const chosen = [...url.searchParams].filter(([name, value]) => !ASIDE.has(name) && value !== '').map(([name, value]) => `${name}=${value.slice(0, 20)}`);
  return { kind, chosen };
}

/** Of the first two executions of a state machine. */
function comparisons(links, base) {
  const arns = [...new Set(links.flatMap((link) => /\/executions\/([^/?]+)/.exec(link)?.[1] ?? []))];
  const machine = (arn) => arn.split(':').slice(0, 7).join(':');
  const pair = arns.filter((arn) => machine(arn) === machine(arns[0]));
  return pair.length < 2 ? [] : [new URL(`executions/${pair[0]}/compare?with=${pair[1]}`, base).href];
}
