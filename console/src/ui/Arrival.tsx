import { type ReactNode, useRef } from 'react';
import './arrival.css';
import { useArrival } from './useInView';

interface Props {
  /** What it is, for screen readers: "Result". */
  readonly label: string;
  /** Names what has come; none until it is there. */
  readonly shown: string | undefined;
  readonly children: ReactNode;
}

/** Stands around what was asked for: it may come below what is seen of the page. */
export function Arrival({ label, shown, children }: Props) {
  const panel = useRef<HTMLElement>(null);
  useArrival(panel, shown);
  return (
    <section className="arrival" ref={panel} tabIndex={-1} aria-label={label}>
      {children}
    </section>
  );
}
