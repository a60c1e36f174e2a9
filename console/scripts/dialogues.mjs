// Opens the dialogues of a page, each by its button, and closes it again.

/** Buttons, and items of a menu of actions, that open one. */
const OPENS = /^(Create (alias|bucket|collection|folder|table)|(New|Start) execution|Delete( table| items)?|Edit|Empty( bucket)?|Stop( execution)?|Compare|Share|Manage tags|Publish version|Save as new)$/;
const BUTTON = 'main button';
/** Lists to choose from call themselves so too. */
export const DIALOGUE = '[role=dialog]:has(h2)';

/**
 * Hands back what calls `look` with the name of each dialogue that a view of that kind can open, while it is open; what has been
 * opened once is not looked at again.
 */
export function dialogues({ page, rest }, look) {
  const tried = new Set();
  const seen = new Set();

  /** Presses a button, and closes the dialogue that it opens. */
  const open = async (kind, press) => {
    await press();
    const dialogue = page.locator(DIALOGUE);
    await dialogue.waitFor();
    await rest();
    const name = `${kind.split('/')[0]}: ${await dialogue.locator('h2').first().textContent()}`;
    if (seen.size !== seen.add(name).size) await look({ name, within: DIALOGUE });
    await page.keyboard.press('Escape');
    await dialogue.waitFor({ state: 'detached' });
  };
  /** The buttons that can open one and were not tried; those of the page itself are the same in all its views. */
  const untried = async ({ kind, chosen }) => {
    const buttons = await page.locator(BUTTON).evaluateAll((all) => all.map((one, index) => ({
      index,
      label: one.textContent.trim(),
      isOff: one.disabled || one.ariaDisabled === 'true',
      isHidden: !one.checkVisibility(),
      inTab: one.closest('[role=tabpanel]') !== null,
      // There buttons of these names act.
      inEditor: one.closest('.ce-editor') !== null,
    })));
    const count = new Map();
    return buttons
      .filter(({ label, isHidden, inEditor }) => !isHidden && !inEditor && OPENS.test(label))
      .map((button) => {
        const id = [kind, ...(button.inTab ? chosen : []), button.label].join(' ');
        count.set(id, (count.get(id) ?? 0) + 1);
        return { ...button, id: `${id} ${count.get(id)}` };
      })
      .filter(({ id }) => !tried.has(id));
  };
  const openAll = async (view) => {
    for (const { index, id, isOff } of await untried(view)) {
      if (isOff) continue;
      tried.add(id);
      await open(view.kind, () => page.locator(BUTTON).nth(index).click());
    }
  };
  const menu = page.locator('main').getByRole('button', { name: 'Actions', exact: true });
  const openMenu = async ({ kind }) => {
    const items = page.getByRole('menuitem');
    await menu.click();
    const labels = await items.evaluateAll((all) => all.map((one) => (one.ariaDisabled === 'true' ? '' : one.textContent.trim())));
    await page.keyboard.press('Escape');
    for (const [at, label] of labels.entries()) {
      const id = `${kind} menu ${label}`;
      if (!OPENS.test(label) || tried.has(id)) continue;
      tried.add(id);
      await menu.click();
      await open(kind, () => items.nth(at).click());
    }
  };
  return async (view) => {
    await openAll(view);
    const hasMenu = (await menu.count()) > 0;
    // Some are about what is selected.
    const row = page.locator('main tbody input').filter({ visible: true }).first();
    if ((hasMenu || (await untried(view)).length > 0) && (await row.count()) > 0) {
      await row.click();
      await openAll(view);
    }
    if (hasMenu) await openMenu(view);
  };
}
