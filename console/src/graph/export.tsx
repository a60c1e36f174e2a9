import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { Picture, type PictureProps } from './Picture';

/** What of a style an element keeps; the rest says nothing of shapes and texts. */
const KEPT = [
  'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor',
] as const;

/** Pictures have so many pixels at the most: a browser's canvas holds no more than 16,384 a side. */
const PIXELS_MAX = 16_384;

type Exported = Pick<PictureProps, 'model' | 'layout' | 'statuses' | 'diagnostics'>;

/** The whole graph as one SVG file that needs nothing else: no style sheet, no script, no font but the system's. */
export function exportSvg(picture: Exported, label = 'State machine'): string {
  const { width, height } = picture.layout;
  const host = document.createElement('div');
  host.className = 'canter-graph cg-light cg-exported';
  document.body.append(host);
  const root = createRoot(host);
  try {
    flushSync(() => root.render(
      <svg xmlns="http://www.w3.org/2000/svg" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <title>{label}</title>
        <rect className="cg-paper" width={width} height={height} />
        <Picture {...picture} interactive={false} />
      </svg>,
    ));
    const svg = host.querySelector('svg');
    if (svg === null) throw new Error('the graph could not be drawn');
    for (const element of svg.querySelectorAll('*')) inline(element);
    return new XMLSerializer().serializeToString(svg);
  } finally {
    root.unmount();
    host.remove();
  }
}

function inline(element: Element): void {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') {
    element.setAttribute('display', 'none');
    return;
  }
  for (const name of KEPT) element.setAttribute(name, style.getPropertyValue(name));
  for (const { name } of [...element.attributes]) {
    if (name === 'class' || name.startsWith('data-') || name.startsWith('aria-') || name === 'role') element.removeAttribute(name);
  }
}

/** The same as PNG, twice as large for sharp screens where a canvas holds that. */
export async function exportPng(picture: Exported, label?: string): Promise<Blob> {
  const { width, height } = picture.layout;
  const scale = Math.min(2, PIXELS_MAX / Math.max(width, height));
  const url = URL.createObjectURL(new Blob([exportSvg(picture, label)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await blobOf(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}

const blobOf = (canvas: HTMLCanvasElement) =>
  new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture is too large for a PNG')) : resolve(blob)), 'image/png');
  });

/** Gives a file to the person. */
export function download(content: Blob | string, name: string, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
