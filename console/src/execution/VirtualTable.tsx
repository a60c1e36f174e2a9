import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useWidth } from '../ui/useWidth';
import { fitting, leastWidth } from './columns';
import './execution.css';

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  /** A track of CSS grid: `minmax(200px, 1fr)`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly sort?: 'ascending' | 'descending';
  /** It goes where there is no room for all, the highest first. */
  readonly spare?: number;
  /** Its text breaks; it is cut otherwise. */
  readonly wraps?: boolean;
}

interface Props<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly selected?: string | undefined;
  readonly onSelect?: (row: Row) => void;
  /** Stands below a row, as wide as the table. */
  readonly below?: (row: Row) => ReactNode;
  readonly onToggle?: (row: Row) => void;
  readonly empty: string;
  readonly levelOf?: (row: Row) => number;
}

const ROW_HEIGHT = 41;

/** A table of any length: only what is seen is in the page. */
export function VirtualTable<Row>({ label, columns: all, rows, idOf, selected, onSelect, below, onToggle, empty, levelOf }: Props<Row>) {
  const frame = useRef<HTMLDivElement>(null);
  const columns = fitting(all, useWidth(frame));
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualiser's functions are called here and passed nowhere
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rowId(rows, index, idOf),
    overscan: 12,
    // The heading, which is as high, takes that much of the frame.
    scrollPaddingEnd: ROW_HEIGHT,
  });
  const at = selected === undefined ? -1 : rows.findIndex((row) => idOf(row) === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
    // What is selected elsewhere is shown once, not whenever rows arrive.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);
  const template = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  const width = leastWidth(columns);
  const move = (index: number) => {
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => frame.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
  };
  const onKeyDown = (event: KeyboardEvent, row: Row, index: number) => {
    if (event.target !== event.currentTarget) return;
    const steps: Record<string, number> = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1, PageDown: index + 10, PageUp: index - 10 };
    const to = steps[event.key];
    if (to !== undefined) move(Math.max(0, Math.min(rows.length - 1, to)));
    else if (event.key === 'Enter') onSelect?.(row);
    else if (event.key === ' ' || event.key === 'ArrowRight' || event.key === 'ArrowLeft') onToggle?.(row);
    else return;
    event.preventDefault();
  };
  const items = virtual.getVirtualItems();
  return (
    <div className="ex-table" ref={frame} role={levelOf === undefined ? 'grid' : 'treegrid'} aria-label={label} aria-rowcount={rows.length + 1} aria-colcount={columns.length}>
      <div className="ex-heads" role="rowgroup" style={{ minInlineSize: width }}>
        <div className="ex-head" role="row" aria-rowindex={1} style={template}>
          {columns.map(({ id, header, sort }) => (
            <div key={id} className="ex-cell" role="columnheader" aria-sort={sort}>{header}</div>
          ))}
        </div>
      </div>
      {rows.length === 0 ? <div className="ex-empty">{empty}</div> : null}
      <div className="ex-body" role="rowgroup" style={{ blockSize: virtual.getTotalSize(), minInlineSize: width }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const isSelected = index === at;
          return (
            <div
              key={key} className="ex-row" role="row" aria-rowindex={index + 2} aria-selected={isSelected} aria-level={levelOf?.(row)}
              data-index={index} ref={virtual.measureElement} tabIndex={isSelected || (at < 0 && index === items[0]?.index) ? 0 : -1}
              style={{ ...template, transform: `translateY(${start}px)` }}
              onClick={() => onSelect?.(row)} onKeyDown={(event) => onKeyDown(event, row, index)}
            >
              {columns.map(({ id, cell, wraps = false }) => (
                <div key={id} className={wraps ? 'ex-cell ex-wraps' : 'ex-cell'} role="gridcell">{cell(row)}</div>
              ))}
              {below?.(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rowId<Row>(rows: readonly Row[], index: number, idOf: (row: Row) => string): string | number {
  const row = rows[index];
  return row === undefined ? index : idOf(row);
}
