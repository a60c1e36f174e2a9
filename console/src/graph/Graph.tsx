import { useEffect, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { notify } from '../app/notifications';
import { Controls, type GraphAction } from './Controls';
import { exportAs } from './export';
import './graph.css';
import { isDirection, neighbour } from './keyboard';
import type { Box } from './layout';
import { Legend } from './Legend';
import type { Size } from './measure';
import { Minimap } from './Minimap';
import { NotDrawn } from './NotDrawn';
import { Picture } from './Picture';
import type { GraphProps } from './props';
import { telling } from './telling';
import { Targets, targetsOf } from './Targets';
import { useFullScreen } from './useFullScreen';
import { useGestures } from './useGestures';
import { usePicture } from './usePicture';
import { useViewport } from './useViewport';
import { READ_MIN, visibleBox, type Viewport } from './viewport';

/** A picture of more nodes is drawn only as far as it is seen. */
const DRAWN_WHOLE_MAX = 400;

/** In less room a small map would lie on the states, in CSS pixels. */
const MAPPED_WIDTH = 480;

/** A picture of so many nodes is soon found again: a small map would only lie on it. */
const MAPPED_ABOVE = 4;

/** A state machine as a picture: the one graph of editor, preview, state machine page and execution page. */
export function Graph(props: GraphProps) {
  const { definition, selected, onSelect, onOpen, statuses, ways, diagnostics, orientation = 'vertical', drop } = props;
  const { label = 'State machine', still = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const surface = useRef<SVGSVGElement>(null);
  const { picture, failure, retry } = usePicture(definition, orientation);
  const { model, layout } = picture ?? {};
  const port = useViewport(surface, layout, { anchor: selected, begin: statuses && layout && telling(layout, statuses), least: leastZoom(still) });
  const { view, size } = port;
  const [focused, setFocused] = useState<string>();
  const [carried, setCarried] = useState<string>();
  const fullScreen = useFullScreen(frame);
  const first = layout?.nodes.find(({ id }) => model?.nodes.get(id)?.kind === 'state')?.id;
  const current = [focused, selected].find((id) => id !== undefined && model?.nodes.has(id)) ?? first;

  const onPut = (path: string, key: string | undefined) => {
    setCarried(undefined);
    const target = model && layout ? targetsOf(model, layout).find((one) => one.key === key)?.target : undefined;
    if (target !== undefined) drop?.onMove?.(path, target);
  };
  const onTap = (path: string | undefined) => onSelect?.(path);
  const gestures = useGestures({ surface, change: port.change, onTap, onCarry: drop?.onMove && setCarried, onPut });

  useEffect(() => {
    if (selected !== undefined && layout !== undefined) port.show(selected);
    // A state that gets selected elsewhere is shown once, not whenever the window moves.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected, layout]);

  const goTo = (path: string | undefined) => {
    if (path === undefined) return;
    setFocused(path);
    port.show(path);
    requestAnimationFrame(() => surface.current?.querySelector<SVGElement>(`[data-path="${CSS.escape(path)}"]`)?.focus({ preventScroll: true }));
  };
  const act = (action: GraphAction) => {
    if (action === 'zoom-in') port.zoom(1.25, focused ?? selected);
    if (action === 'zoom-out') port.zoom(0.8, focused ?? selected);
    if (action === 'fit') port.fit();
    if (action === 'centre') port.centre(selected);
    if (action === 'full-screen') void fullScreen.toggle();
    if (action === 'turn') props.onOrientation?.(orientation === 'vertical' ? 'horizontal' : 'vertical');
    if (action !== 'svg' && action !== 'png') return;
    if (model === undefined || layout === undefined) return;
    exportAs(action, { model, layout, statuses, ways, diagnostics }, label).catch((error: unknown) => notify.error('The picture could not be made', error));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (isDirection(event.key) && model && layout) goTo(neighbour(model, layout, current ?? '', event.key));
    else if (event.key === 'Home') goTo(first);
    else if (event.key === '+' || event.key === '=') act('zoom-in');
    else if (event.key === '-') act('zoom-out');
    else if (event.key === '0') act('fit');
    else if ((event.key === 'Enter' || event.key === ' ') && focused !== undefined) {
      if (selected === focused) onOpen?.(focused);
      onSelect?.(focused);
    } else return;
    event.preventDefault();
  };
  useCentreKey(!still, () => act('centre'));
  const onFocus = (event: FocusEvent) => {
    const path = event.target.getAttribute('data-path');
    if (path !== null) setFocused(path);
  };
  const visible = useVisible(layout?.nodes.length ?? 0, view, size);
  const overflows = layout !== undefined && (layout.width * view.zoom > size.width + 1 || layout.height * view.zoom > size.height + 1);
  return (
    <div className="canter-graph" ref={frame}>
      {failure === undefined ? null : <NotDrawn failure={failure} onRetry={retry} />}
      <div className="cg-stage">
        <svg
          ref={surface} className="cg-surface" role="group" aria-label={still ? `${label}: graph` : `${label}: graph. Arrow keys move between states, Enter selects.`}
          data-overflows={overflows || undefined} onKeyDown={onKeyDown} onFocus={onFocus} {...gestures}
          onDoubleClick={(event) => {
            const path = (event.target as Element).closest<SVGElement>('[data-path]')?.dataset.path;
            if (path !== undefined) onOpen?.(path);
          }}
          onDragOver={(event) => { if (drop !== undefined) event.preventDefault(); }}
        >
          <g transform={`translate(${view.x},${view.y}) scale(${view.zoom})`}>
            {model && layout && (
              <Picture
                model={model} layout={layout} selected={selected} current={current} interactive={!still}
                statuses={statuses} ways={ways} diagnostics={diagnostics} visible={visible}
              />
            )}
            {drop && (drop.active || carried !== undefined) && model && layout && <Targets model={model} layout={layout} onDrop={drop.onDrop} />}
          </g>
        </svg>
        {layout && !still && overflows && size.width > MAPPED_WIDTH && layout.nodes.length > MAPPED_ABOVE && <Minimap layout={layout} view={view} size={size} change={port.change} />}
      </div>
      {layout && !still && <Controls orientation={orientation} turnable={props.onOrientation !== undefined} fullScreen={fullScreen.on} onAction={act} />}
      {statuses !== undefined && <Legend statuses={statuses} hasWays={ways !== undefined} />}
    </div>
  );
}

/** What is only looked at is seen at a glance; else names are to be read. */
const leastZoom = (still: boolean) => (still ? 0 : READ_MIN);

/** The part to be drawn; the same object while it stays. */
function useVisible(nodes: number, view: Viewport, size: Size): Box | undefined {
  const { x, y, width, height } = visibleBox(view, size);
  return useMemo(() => (nodes > DRAWN_WHOLE_MAX ? { x, y, width, height } : undefined), [nodes, x, y, width, height]);
}

/** Alt+C wherever the focus is, as Step Functions' own console has it. */
function useCentreKey(isHeard: boolean, centre: () => void): void {
  const now = useRef(centre);
  useEffect(() => {
    now.current = centre;
  });
  useEffect(() => {
    if (!isHeard) return;
    const listen = (event: globalThis.KeyboardEvent) => {
      if (!event.altKey || event.code !== 'KeyC') return;
      event.preventDefault();
      now.current();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [isHeard]);
}
