import type { Orientation } from './layout';
import { pictureOf } from './source';

/** One definition in, one picture out, in order, with the number of whoever asked. */
addEventListener('message', ({ data }: MessageEvent<{ asker: number; definition: unknown; orientation: Orientation }>) => {
  postMessage({ asker: data.asker, picture: pictureOf(data.definition, data.orientation) });
});
