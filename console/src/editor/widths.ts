/** How wide a pane is, in pixels, and whether it is put away; this browser keeps it. */
export interface Width {
  readonly width: number;
  readonly isClosed: boolean;
}

const placeOf = (id: string) => `canter.editor.${id}`;

export function keptWidth(id: string): Width | undefined {
  const [, closed, width] = /^(closed )?(\d{2,4})$/.exec(read(placeOf(id))) ?? [];
  return width === undefined ? undefined : { width: Number(width), isClosed: closed !== undefined };
}

export function keepWidth(id: string, { width, isClosed }: Width): void {
  try {
    localStorage.setItem(placeOf(id), `${isClosed ? 'closed ' : ''}${width}`);
  } catch {
    // A browser that keeps nothing forgets this too.
  }
}

function read(place: string): string {
  try {
    return localStorage.getItem(place) ?? '';
  } catch {
    return '';
  }
}
