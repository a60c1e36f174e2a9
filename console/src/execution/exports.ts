import { saveFile } from '../ui/saveFile';
import type { Model } from './model';
import { statusesOf } from './statuses';
import { waysOf } from './ways';

/** Gives the person a file: the history as the API tells it, or the graph as it stands. */
export async function exportAs(what: string, name: string, model: Model, definition: string): Promise<void> {
  if (what === 'history') {
    saveFile(JSON.stringify({ events: model.events }, null, 2), `${name}.json`, 'application/json');
    return;
  }
  const [{ exportAs: exportPicture }, { pictureOf }] = await Promise.all([import('../graph/export'), import('../graph/source')]);
  const picture = pictureOf(definition, 'vertical');
  if (picture === undefined) throw new Error('The definition cannot be read.');
  await exportPicture(what === 'svg' ? 'svg' : 'png', { ...picture, statuses: statusesOf(model, new Map()), ways: waysOf(model, new Map()), diagnostics: undefined }, name);
}
