import { useEffect, useState } from 'react';

const TICK_MS = 1000;

/** The present in seconds, every second while something runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
