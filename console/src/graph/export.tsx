import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { saveFile } from '../ui/saveFile';
import { Picture, type PictureProps } from './Picture';

/** What of a style an element keeps; the rest says nothing of shapes and texts. */
const KEPT = [
  'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor',
] as const;

/** What these are where nothing is said. */
const PLAIN: Readonly<Record<string, string>> = {
  'stroke': 'none', 'stroke-width': '1px', 'stroke-dasharray': 'none', 'stroke-linecap': 'butt', 'stroke-linejoin': 'miter',
  'opacity': '1', 'text-anchor': 'start', 'font-weight': '400',
};

/** Pictures have so many pixels at the most: a browser's canvas holds no more than 16,384 a side. */
const PIXELS_MAX = 16_384;

type Exported = Pick<PictureProps, 'model' | 'layout' | 'statuses' | 'ways' | 'diagnostics'>;

/** The whole graph as one SVG file that needs nothing else: no style sheet, no script, no font but the system's. */
function exportSvg(picture: Exported, label: string): string {
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
    inline(svg);
    return new XMLSerializer().serializeToString(svg);
  } finally {
    root.unmount();
    host.remove();
  }
}

/** All styles are read before any is written: the rules go by the classes that are taken away. */
function inline(svg: SVGSVGElement): void {
  const elements = [...svg.querySelectorAll('*')].filter(({ tagName }) => tagName !== 'title');
  const styles = elements.map((element) => {
    const style = getComputedStyle(element);
    const isHidden = style.display === 'none' || style.visibility === 'hidden';
    return isHidden ? [['display', 'none'] as const] : KEPT.map((name) => [name, style.getPropertyValue(name)] as const);
  });
  elements.forEach((element, at) => {
    for (const { name } of [...element.attributes]) if (/^(class|role|tabindex|data-.*|aria-.*)$/.test(name)) element.removeAttribute(name);
    for (const [name, value] of styles[at] ?? []) if (value !== PLAIN[name]) element.setAttribute(name, value);
  });
}

/** The same as PNG, twice as large for sharp screens where a canvas holds that. */
async function exportPng(picture: Exported, label: string): Promise<Blob> {
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

/** Gives the picture as a file of that name. */
export async function exportAs(kind: 'svg' | 'png', picture: Exported, name: string): Promise<void> {
  if (kind === 'svg') saveFile(exportSvg(picture, name), `${name}.svg`, 'image/svg+xml');
  else saveFile(await exportPng(picture, name), `${name}.png`);
}
