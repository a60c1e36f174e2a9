import { memo, type PointerEvent } from 'react';
import type { Layout } from './layout';
import type { Size } from './measure';
import type { Viewport } from './viewport';

interface MinimapProps {
  layout: Layout;
  view: Viewport;
  size: Size;
  change: (turn: (view: Viewport) => Viewport) => void;
}

const ROOM: Size = { width: 150, height: 110 };

/** The whole picture, small, with the part that is seen; a pointer on it goes there. */
export function Minimap({ layout, view, size, change }: MinimapProps) {
  const scale = Math.min(ROOM.width / layout.width, ROOM.height / layout.height);
  const [width, height] = [layout.width * scale, layout.height * scale];
  const go = (event: PointerEvent<SVGSVGElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
    change((now) => ({ zoom: now.zoom, x: size.width / 2 - x * now.zoom, y: size.height / 2 - y * now.zoom }));
  };
  return (
    <svg className="cg-minimap" width={width} height={height} aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <Nodes layout={layout} scale={scale} />
      <rect
        className="cg-minimap-view"
        x={(-view.x / view.zoom) * scale} y={(-view.y / view.zoom) * scale}
        width={(size.width / view.zoom) * scale} height={(size.height / view.zoom) * scale}
      />
    </svg>
  );
}

/** Drawn once a layout, not whenever the picture is moved. */
const Nodes = memo(function Nodes({ layout, scale }: { layout: Layout; scale: number }) {
  return layout.nodes.map((box) => (
    <rect
      key={box.id} className="cg-minimap-node" data-depth={box.depth > 0 || undefined}
      x={box.x * scale} y={box.y * scale} width={Math.max(1, box.width * scale)} height={Math.max(1, box.height * scale)}
    />
  ));
});
