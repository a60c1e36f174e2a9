import type { Model } from './model';
import { statusesOf } from './statuses';

/** Gives the person a file: the history as the API tells it, or the graph as it stands. */
export async function exportAs(what: string, name: string, model: Model, definition: string): Promise<void> {
  const { download, exportPng, exportSvg } = await import('../graph/export');
  if (what === 'history') {
    download(JSON.stringify({ events: model.events }, null, 2), `${name}.json`, 'application/json');
    return;
  }
  const { pictureOf } = await import('../graph/source');
  const picture = pictureOf(definition, 'vertical');
  if (picture === undefined) throw new Error('The definition cannot be read.');
  const drawn = { ...picture, statuses: statusesOf(model, new Map()), diagnostics: undefined };
  if (what === 'svg') download(exportSvg(drawn, name), `${name}.svg`, 'image/svg+xml');
  else download(await exportPng(drawn, name), `${name}.png`);
}
