import type { ReactNode } from 'react';
import { useSyncExternalStore } from 'react';
import { AwsError } from '../aws/errors';

export interface Notification {
  readonly id: string;
  readonly type: 'success' | 'error' | 'info' | 'warning';
  readonly header?: ReactNode;
  readonly content?: ReactNode;
}

/** More would hide the page; the oldest go. */
const SHOWN_MAX = 5;
/** Long enough to read a line. */
const SHOWN_MS = 8000;

let shown: readonly Notification[] = [];
let count = 0;
const listeners = new Set<() => void>();

/** Says something about what was done, from anywhere. */
export const notify = {
  success(header: ReactNode, content?: ReactNode): void {
    pass('success', header, content);
  },
  info(header: ReactNode, content?: ReactNode): void {
    pass('info', header, content);
  },
  /** `what` could not be done: "The execution could not be started". Stays until it is dismissed. */
  error(what: ReactNode, error: unknown): void {
    add('error', what, errorText(error));
  },
};

export function dismiss(id: string): void {
  replace(shown.filter((notification) => notification.id !== id));
}

export function useNotifications(): readonly Notification[] {
  return useSyncExternalStore(subscribe, () => shown);
}

/** In the server's words, with what a person needs to look for it in a log. */
export function errorText(error: unknown): string {
  if (error instanceof AwsError) {
    const id = error.requestId === '' ? '' : ` (request id ${error.requestId})`;
    return error.message === error.code ? `${error.code}${id}` : `${error.code}: ${error.message}${id}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** What needs no answer goes by itself. */
export const isPassing = ({ type }: Notification): boolean => type === 'success' || type === 'info';

function pass(type: 'success' | 'info', header: ReactNode, content: ReactNode): void {
  const id = add(type, header, content);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function add(type: Notification['type'], header: ReactNode, content: ReactNode): string {
  const id = `n${(count += 1)}`;
  replace([{ id, type, header, content }, ...shown].slice(0, SHOWN_MAX));
  return id;
}

function replace(next: readonly Notification[]): void {
  shown = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
