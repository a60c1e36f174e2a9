import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useId, useRef, useState } from 'react';
import { keptWidth, keepWidth, type Width } from './widths';

interface Props {
  /** Under which its width is kept. */
  readonly id: string;
  /** What it is called: "States browser". */
  readonly name: string;
  readonly side: 'start' | 'end';
  /** In pixels, until somebody chooses another width. */
  readonly width: number;
  readonly min: number;
  /** It takes no more of the window than this part. */
  readonly share: number;
  readonly children: ReactNode;
}

/** An arrow key makes it wider or narrower by so many pixels. */
const STEP = 24;

/** A pane at a side of the editor that can be made wider, narrower, and put away. */
export function Side({ id, name, side, width: first, min, share, children }: Props) {
  const [{ width, isClosed }, setWidth] = useState<Width>(() => keptWidth(id) ?? { width: first, isClosed: false });
  const body = useId();
  const host = useRef<HTMLDivElement>(null);
  const max = () => Math.max(min, window.innerWidth * share);
  const set = (next: Width) => {
    const kept = { ...next, width: Math.round(Math.min(max(), Math.max(min, next.width))) };
    setWidth(kept);
    keepWidth(id, kept);
  };
  const outward = side === 'start' ? 1 : -1;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0;
    if (step === 0) return;
    set({ width: width + step * outward, isClosed: false });
    event.preventDefault();
  };
  const onPointerMove = (event: PointerEvent) => {
    const box = host.current?.getBoundingClientRect();
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set({ width: side === 'start' ? event.clientX - box.left : box.right - event.clientX, isClosed: false });
  };
  return (
    <div className="ce-side" data-side={side} data-closed={isClosed || undefined} ref={host} style={{ '--ce-width': `${width}px`, '--ce-share': `${share * 100}vw` } as CSSProperties}>
      <div className="ce-side-body" id={body}>{children}</div>
      <div
        className="ce-grip" role="separator" tabIndex={isClosed ? -1 : 0} aria-orientation="vertical" aria-label={`Width of ${name}`} aria-controls={body}
        aria-valuenow={width} aria-valuemin={min} onKeyDown={onKeyDown} onPointerMove={onPointerMove}
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); event.preventDefault(); }}
      />
      <button
        type="button" className="ce-toggle" aria-expanded={!isClosed} aria-controls={body}
        aria-label={`${isClosed ? 'Show' : 'Hide'} ${name}`} title={`${isClosed ? 'Show' : 'Hide'} ${name}`}
        onClick={() => set({ width, isClosed: !isClosed })}
      >
        <svg width={10} height={10} viewBox="0 0 10 10" aria-hidden="true"><path d={(side === 'start') === isClosed ? 'M3 1l4 4-4 4' : 'M7 1L3 5l4 4'} /></svg>
      </button>
    </div>
  );
}
