import Button from '@cloudscape-design/components/button';
import Slider from '@cloudscape-design/components/slider';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { durationText } from '../ui/time';
import type { Model } from './model';

interface Props {
  readonly model: Model;
  /** How many events are shown. */
  readonly at: number;
  readonly onMove: (at: number) => void;
  readonly onClose: () => void;
}

/** A whole execution passes in so many pictures, whatever its length. */
const PICTURES = 120;
const PICTURE_MS = 90;

/** The execution as it was: at each event, forwards and backwards. */
export function Replay({ model, at, onMove, onClose }: Props) {
  const [playing, setPlaying] = useState(false);
  const count = model.events.length;
  const event = model.events[Math.min(at, count) - 1];
  const started = model.events[0]?.timestamp ?? 0;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      const next = Math.min(count, at + Math.max(1, Math.ceil(count / PICTURES)));
      onMove(next);
      if (next === count) setPlaying(false);
    }, PICTURE_MS);
    return () => clearTimeout(timer);
  }, [playing, at, count, onMove]);
  const play = () => {
    if (at >= count) onMove(1);
    setPlaying(!playing);
  };
  const step = (to: number) => {
    setPlaying(false);
    onMove(Math.max(1, Math.min(count, to)));
  };
  return (
    <div className="ex-replay" role="group" aria-label="Replay">
      <SpaceBetween direction="horizontal" size="xxs">
        <Button variant="icon" iconName="angle-left" ariaLabel="One event back" onClick={() => step(at - 1)} />
        <Button variant="icon" iconName={playing ? 'pause' : 'play'} ariaLabel={playing ? 'Pause' : 'Play'} onClick={play} />
        <Button variant="icon" iconName="angle-right" ariaLabel="One event forward" onClick={() => step(at + 1)} />
        <Button variant="icon" iconName="close" ariaLabel="End the replay" onClick={onClose} />
      </SpaceBetween>
      <div>
        <Slider
          min={1} max={Math.max(2, count)} value={Math.min(at, count)} hideFillLine={false} ariaLabel="Event"
          valueFormatter={(value) => `event ${value}`} onChange={({ detail }) => step(detail.value)}
        />
        <span className="ex-quiet">
          {event === undefined ? '' : `${durationText(event.timestamp - started)} · event ${event.id} of ${count} · ${event.type}${nameIn(model, event.id)}`}
        </span>
      </div>
    </div>
  );
}

function nameIn(model: Model, id: number): string {
  const run = model.runOf(id);
  return run === undefined ? '' : ` · ${run.name}`;
}
