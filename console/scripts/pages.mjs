// Finds the pages of a console as a person does: by links, tabs and the states in graphs; their dialogues by their buttons.
import { DIALOGUE, dialogues } from './dialogues.mjs';

/** So many pages of a kind are looked at, the first ones; of others one. */
const OF_A_KIND = { 'state-machines/*': 4, 'executions/*': 5, 'map-runs/*': 3, 's3/*': 2, 'detect-faces': 2 };
/** Buttons that choose a view, and tabs; with a state selected, the tabs about it. */
const VIEWS = 'main [role=toolbar] button[aria-pressed]';
const CHOICES = [`${VIEWS}, main [role=tab]`, `${VIEWS}, main [aria-label^="Step "] [role=tab], main [aria-label="Inspector"] [role=tab]`];
/** The states that have most to tell come first. */
const STATE = 'main .cg-node[role=button]';
const STATES = [...['caught', 'failed', 'succeeded'].map((status) => `${STATE}[data-status=${status}]`), STATE];
/** What an address says beside the page and what it is about. */
const ASIDE = new Set(['region', 'state', 'event', 'with', 'bucket', 'key', 'prefix', 'find', 'qualifier', 'from']);
/** A function that has said nothing has no log group. */
const MAY_BE_ABSENT = new Set(['lambda/* tab=logs']);
/** Where there is nothing, and where nothing can be. */
const EMPTY = ['state-machines', 'lambda', 's3', 'dynamodb', 'rekognition', 'detect-faces'].map((path) => `${path}?region=eu-west-1`);
const ABSENT = [
  'no-such-page', 'state-machines/arn:aws:states:us-east-1:000000000000:stateMachine:none',
  'executions/arn:aws:states:us-east-1:000000000000:execution:none:none', 'map-runs/arn:aws:states:us-east-1:000000000000:mapRun:none/none:none',
  's3/no-such-bucket', 'dynamodb/none', 'lambda/none', 'rekognition/none',
].map((path) => `${path}?region=us-east-1`);

/** Goes to an address and waits until it has all that it asked for. */
export async function show({ page, complaints, rest }, address) {
  // Of pages that were only passed.
  complaints.splice(0);
  await page.goto(address);
  await rest();
}

/**
 * Calls `look` with the name of each view while it is shown: its kind and what is chosen on it, and with each dialogue. Where
 * `isAbsent`, the server need not know what the page asks for.
 */
export async function visit(walker, base, look) {
  const { page, rest } = walker;
  const openDialogues = dialogues(walker, look);
  const seen = new Map();
  const tried = new Set();
  const queue = [];

  /** The name of a view that has not been looked at; none if it has, or if enough like it have. */
  const fresh = (address, label) => {
    const { kind, chosen, hasState } = readAddress(address, base);
    // One choice at a time: together they are too many.
    if (chosen.length > 1) return undefined;
    const name = [kind, ...chosen, ...(hasState ? ['state'] : []), ...(label === undefined ? [] : [label])].join(' ');
    const alike = seen.get(name) ?? new Set();
    if (alike.has(address) || alike.size >= (OF_A_KIND[name] ?? 1)) return undefined;
    seen.set(name, alike.add(address));
    return { name: alike.size === 1 ? name : `${name} ${alike.size}`, isAbsent: MAY_BE_ABSENT.has(name) };
  };
  const follow = (address) => {
    if (!address.startsWith(base)) return;
    const view = fresh(address);
    if (view !== undefined) queue.push({ address, view });
  };
  const lookAt = async (view) => {
    await look(view);
    const links = await page.locator('nav a[href], main a[href]').evaluateAll((all) => all.map(({ href }) => href.replace(/#.*/, '')));
    [...links, ...comparisons(links, base)].forEach(follow);
    await openDialogues(readAddress(page.url(), base));
  };
  /** The view that is shown, and what can be chosen on it; a state of its graph with what can be chosen then. */
  const explore = async (address, view, depth) => {
    await lookAt(view);
    const { kind } = readAddress(address, base);
    // What one page of a kind has shown need not be tried on the next.
    const isNew = (what) => tried.size !== tried.add(`${kind} ${depth} ${what}`).size;
    const choices = page.locator(CHOICES[depth]);
    const labels = await choices.evaluateAll((all) => all.map((one) => [one.ariaSelected, one.ariaPressed].includes('true') ? undefined : one.textContent));
    const states = await Promise.all(STATES.map((selector) => page.locator(selector).count()));
    const state = STATES[states.findIndex((count) => count > 0)];
    for (const [index, label] of labels.entries()) {
      if (label === undefined || !isNew(label)) continue;
      await show(walker, address);
      await choices.nth(index).click();
      await rest();
      const chosen = page.url() === address ? fresh(address, label) : fresh(page.url());
      if (chosen !== undefined) await lookAt(chosen);
    }
    if (depth + 1 === CHOICES.length || state === undefined || !isNew(state)) return;
    await show(walker, address);
    // In the middle of one with states inside lies one of these.
    await page.locator(state).first().click({ force: true });
    await rest();
    const selected = page.url() === address ? undefined : fresh(page.url());
    if (selected !== undefined) await explore(page.url(), selected, depth + 1);
  };

  follow(new URL('state-machines?region=us-east-1', base).href);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    await show(walker, next.address);
    await explore(next.address, next.view, 0);
  }
  for (const path of [...EMPTY, ...ABSENT]) {
    await show(walker, new URL(path, base).href);
    await look({ name: path.replace(/arn:[^?]*/, 'none').replace('?region=', ' '), isAbsent: true });
  }
  await uploads(walker, base, look);
  await signIn(walker, base, look);
}

/** Files on their way into a bucket, one of which is refused; the server never sees them. */
async function uploads(walker, base, look) {
  const { page, rest } = walker;
  await show(walker, new URL('s3?region=us-east-1', base).href);
  const bucket = page.locator('main tbody a');
  if ((await bucket.count()) === 0) return;
  await bucket.first().click();
  await rest();
  const answers = [{ status: 200 }, { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }];
  await page.route('**/*', (route) => (route.request().method() === 'PUT' ? route.fulfill(answers.shift()) : route.continue()));
  await page.getByLabel('Files to upload').setInputFiles(['a.txt', 'b.txt'].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })));
  await page.getByText('1 not uploaded').first().waitFor();
  await page.unroute('**/*');
  await look({ name: 's3/* uploads', isAbsent: true });
}

/** What a server that refuses the key leads to, and what is there without one. */
async function signIn(walker, base, look) {
  const { page, rest } = walker;
  await show(walker, new URL('state-machines', base).href);
  const body = JSON.stringify({ __type: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.' });
  await page.route('**/*', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 403, body }) : route.continue()));
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
  await page.unroute('**/*');
  await look({ name: 'sign-in again', isAbsent: true, within: DIALOGUE });
  await page.keyboard.press('Escape');
  await page.locator('#top').getByRole('button', { name: /\d{12}/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await rest();
  await look({ name: 'sign-in', isAbsent: true });
}

/** `executions/*` and `view=table`: which page it is, and what is chosen there. */
function readAddress(address, base) {
  const url = new URL(address);
  const segments = url.pathname.slice(new URL(base).pathname.length).split('/');
  const kind = segments.map((segment, index) => (index % 2 === 0 || segment === 'create' ? segment : '*')).join('/');
  const chosen = [...url.searchParams].filter(([name, value]) => !ASIDE.has(name) && value !== '').map(([name, value]) => `${name}=${value.slice(0, 20)}`);
  return { kind, chosen, hasState: (url.searchParams.get('state') ?? '') !== '' };
}

/** Of the first two executions of a state machine. */
function comparisons(links, base) {
  const arns = [...new Set(links.flatMap((link) => /\/executions\/([^/?]+)/.exec(link)?.[1] ?? []))];
  const machine = (arn) => arn.split(':').slice(0, 7).join(':');
  const pair = arns.filter((arn) => machine(arn) === machine(arns[0]));
  return pair.length < 2 ? [] : [new URL(`executions/${pair[0]}/compare?with=${pair[1]}`, base).href];
}
