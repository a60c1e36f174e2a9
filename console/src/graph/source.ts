import { modelOf, type GraphModel } from './model';
import { layoutOf, type Layout, type Orientation } from './layout';
import { readable } from './readable';

export interface Picture {
  model: GraphModel;
  layout: Layout;
}

/** The picture of a definition; none if there is nothing to see in it. */
export function pictureOf(definition: unknown, orientation: Orientation): Picture | undefined {
  const value = typeof definition === 'string' ? readable(definition) : definition;
  if (value === undefined) return undefined;
  const model = modelOf(value);
  return { model, layout: layoutOf(model, orientation) };
}
