import { useSyncExternalStore } from 'react';
import type { AwsError } from '../aws/errors';
import type { Credentials } from '../aws/sign';

/** What the tab knows of its caller. The region is the URL's; see `region.ts`. */
export interface SessionState {
  /** None: someone must sign in first. */
  readonly credentials: Credentials | undefined;
  /** Another number: someone else signed in, and nothing of the page is theirs. */
  readonly visit: number;
  readonly region: string;
  /** Why the server did not take the credentials, in its words: someone must sign in again. */
  readonly refusal: string | undefined;
}

const KEY = 'canter.credentials';
const REGION_KEY = 'canter.region';
/** What a tab holds that was signed out of, so that a reload does not sign it in again. */
const SIGNED_OUT = 'signed out';
/** The pair that every local tool uses; a loopback server takes it unless it was given secrets. */
export const TEST: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

let state: SessionState = {
  credentials: remembered(),
  visit: 1,
  region: readStore(localStorage, REGION_KEY) ?? 'us-east-1',
  refusal: undefined,
};
const listeners = new Set<() => void>();

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, currentSession);
}

export const currentSession = (): SessionState => state;

/**
 * Takes a key for this tab, and for later ones if `keep`.
 *
 * One in the place of a key that was refused, whatever its name, goes on with the page and with what was typed there.
 */
export function signIn(credentials: Credentials, keep: boolean): void {
  const text = JSON.stringify(credentials);
  writeStore(sessionStorage, KEY, text);
  writeStore(localStorage, KEY, keep ? text : undefined);
  change({ credentials, visit: state.visit + (state.refusal === undefined ? 1 : 0), refusal: undefined });
}

export function signOut(): void {
  writeStore(sessionStorage, KEY, SIGNED_OUT);
  writeStore(localStorage, KEY, undefined);
  change({ credentials: undefined, refusal: undefined });
}

/** The server did not take these credentials: ask for others, saying why. A late answer to earlier ones says nothing. */
export function refuse(error: AwsError, credentials: Credentials): void {
  if (credentials === state.credentials && state.refusal === undefined) {
    change({ refusal: `${error.code}: ${error.message}` });
  }
}

/** Back to the page, for what is still on it; the next refusal asks again. */
export function putOff(): void {
  change({ refusal: undefined });
}

export function setRegion(region: string): void {
  if (region !== state.region) {
    writeStore(localStorage, REGION_KEY, region);
    change({ region });
  }
}

function remembered(): Credentials | undefined {
  const ofTab = readStore(sessionStorage, KEY);
  if (ofTab === SIGNED_OUT) {
    return undefined;
  }
  const text = ofTab ?? readStore(localStorage, KEY);
  return (text === undefined ? undefined : parse(text)) ?? (isLoopback(location.hostname) ? TEST : undefined);
}

type Found = { readonly [name in keyof Credentials]?: unknown } | null;

/** None if it is someone else's value. */
function parse(text: string): Credentials | undefined {
  try {
    const value = JSON.parse(text) as Found;
    return isCredentials(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCredentials(value: Found): value is Credentials {
  return typeof value?.accessKeyId === 'string' && typeof value.secretAccessKey === 'string';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
}

function change(changed: Partial<SessionState>): void {
  state = { ...state, ...changed };
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A browser may forbid its stores; then the tab alone remembers. */
function readStore(store: Storage, key: string): string | undefined {
  try {
    return store.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function writeStore(store: Storage, key: string, value: string | undefined): void {
  try {
    if (value === undefined) {
      store.removeItem(key);
    } else {
      store.setItem(key, value);
    }
  } catch {
    // The value lasts as long as the tab.
  }
}
