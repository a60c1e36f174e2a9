import { useSyncExternalStore } from 'react';
import { ROOT } from './base';

const HEALTH = `${ROOT}healthz`;

/** Whether the server answers; while it does not, it is asked again until it does. */
let gone = false;
const listeners = new Set<() => void>();
const returned = new Set<() => void>();

const ASK_AGAIN_MS = 1500;
const ASK_TIMEOUT_MS = 3000;
/** A page that asks nothing of its own asks so often whether the server is there. */
const WATCH_MS = 5000;
let heardAt = 0;

export function useServerGone(): boolean {
  return useSyncExternalStore(subscribe, () => gone);
}

/** Calls back each time the server has come back. */
export function onReturn(listener: () => void): () => void {
  returned.add(listener);
  return () => returned.delete(listener);
}

/** Notices that the server went away while nothing is asked of it; hands back what ends that. */
export function watchServer(): () => void {
  let asking = false;
  const look = () => {
    if (asking || gone || document.visibilityState === 'hidden' || Date.now() - heardAt < WATCH_MS) return;
    asking = true;
    // No time limit: behind uploads that take every connection this waits, too, and the server is there.
    fetch(HEALTH, { cache: 'no-store' })
      .then(serverAnswered, serverGone)
      .finally(() => (asking = false));
  };
  const timer = setInterval(look, WATCH_MS);
  return () => clearInterval(timer);
}

export function serverAnswered(): void {
  heardAt = Date.now();
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
  const response = await fetch(HEALTH, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS), cache: 'no-store' });
  return response.ok;
}

function tell(to: Set<() => void>): void {
  to.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
