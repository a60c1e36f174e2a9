import { useSyncExternalStore } from 'react';
import { ROOT } from './base';

/** Whether the server answers; while it does not, it is asked again until it does. */
let gone = false;
const listeners = new Set<() => void>();
const returned = new Set<() => void>();

const ASK_AGAIN_MS = 1500;
const ASK_TIMEOUT_MS = 3000;

export function useServerGone(): boolean {
  return useSyncExternalStore(subscribe, () => gone);
}

/** Calls back each time the server has come back. */
export function onReturn(listener: () => void): () => void {
  returned.add(listener);
  return () => returned.delete(listener);
}

export function serverAnswered(): void {
  if (gone) {
    gone = false;
    tell(listeners);
    tell(returned);
  }
}

export function serverGone(): void {
  if (!gone) {
    gone = true;
    tell(listeners);
    askAgain();
  }
}

function askAgain(): void {
  setTimeout(() => {
    if (gone) {
      ask().then((there) => (there ? serverAnswered() : askAgain()), askAgain);
    }
  }, ASK_AGAIN_MS);
}

async function ask(): Promise<boolean> {
  const response = await fetch(`${ROOT}healthz`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS), cache: 'no-store' });
  return response.ok;
}

function tell(to: Set<() => void>): void {
  to.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
