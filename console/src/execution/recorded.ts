import { readFileSync } from 'node:fs';
import type { HistoryEvent } from '../aws/states';

/** A history recorded from the binary, for tests. */
export function recorded(name: string): { definition: unknown; status: string; events: HistoryEvent[] } {
  return JSON.parse(readFileSync(new URL(`./histories/${name}.json`, import.meta.url), 'utf8')) as ReturnType<typeof recorded>;
}
