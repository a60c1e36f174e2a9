import type { Orientation } from './layout';
import { pictureOf } from './source';

/** One definition in, one picture out, in order. */
addEventListener('message', ({ data }: MessageEvent<{ definition: unknown; orientation: Orientation }>) => {
  postMessage(pictureOf(data.definition, data.orientation));
});
