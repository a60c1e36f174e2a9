import { useEffect, useState } from 'react';
import { useServerGone } from '../app/connection';

const TICK_MS = 1000;

/** The present in seconds, every second while something runs; while the server is gone, it stands still: nobody knows what runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  const gone = useServerGone();
  useEffect(() => {
    if (!running || gone) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, [running, gone]);
  return now;
}
