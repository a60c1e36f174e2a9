import type { Json } from '../graph/json';
import { exportAs as exportPicture } from '../graph/export';
import { saveFile } from '../ui/saveFile';
import { jsonCodec, type Format } from './codec';
import { type DefinitionStore, fileOf } from './store';

/** A definition has at most a megabyte; a file this large is none, and reading it would only hold up the page. */
const FILE_BYTES_MAX = 4_000_000;

export type ExportKind = 'json' | 'yaml' | 'svg' | 'png';

/** Gives the definition, or its picture, as a file. */
export async function exportAs(kind: ExportKind, store: DefinitionStore, name: string): Promise<void> {
  const snapshot = store.read();
  const { text, format, value } = snapshot;
  if (kind === 'json' || kind === 'yaml') {
    const content = kind === format ? text : await written(kind, value ?? {});
    saveFile(fileOf(content, snapshot), `${name}.asl.${kind}`, kind === 'json' ? 'application/json' : 'application/yaml');
    return;
  }
  const { pictureOf } = await import('../graph/source');
  const picture = pictureOf(value ?? {}, 'vertical');
  if (picture === undefined) throw new Error('There is nothing to draw.');
  await exportPicture(kind, picture, name);
}

async function written(kind: Format, value: Json): Promise<string> {
  return kind === 'json' ? jsonCodec.write(value) : (await import('./yaml')).yamlCodec.write(value);
}

/** Puts a file in the place of the definition; it can be undone like any other change. */
export async function importFile(file: File, store: DefinitionStore): Promise<void> {
  if (file.size > FILE_BYTES_MAX) throw new Error('A definition has at most 1 MB.');
  const text = await file.text();
  const isYaml = /\.ya?ml$/i.test(file.name) || !text.trimStart().startsWith('{');
  if (isYaml) store.know((await import('./yaml')).yamlCodec);
  store.replace(text, isYaml ? 'yaml' : 'json');
}
