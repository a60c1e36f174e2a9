import { parse } from 'jsonc-parser';
import { modelOf, type GraphModel } from './model';
import { layoutOf, type Layout, type Orientation } from './layout';

export interface Picture {
  model: GraphModel;
  layout: Layout;
}

/** The value of a definition that is being typed: what can be read of it, undefined if that is not even an object. */
export function readable(definition: unknown): unknown {
  if (typeof definition !== 'string') return definition;
  try {
    return JSON.parse(definition) as unknown;
  } catch {
    const value: unknown = parse(definition, [], { allowTrailingComma: true });
    return typeof value === 'object' ? value : undefined;
  }
}

/** The picture of a definition; none if there is nothing to see in it. */
export function pictureOf(definition: unknown, orientation: Orientation): Picture | undefined {
  const value = readable(definition);
  if (value === undefined) return undefined;
  const model = modelOf(value);
  return { model, layout: layoutOf(model, orientation) };
}
