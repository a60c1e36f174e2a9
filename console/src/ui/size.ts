import { counted } from './counted';

/** `1.5 MB`, in powers of 1024 as S3's console has them. */
export function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power] ?? ''}`;
}

/** `1.5 KB (1,536 bytes)`; `24 bytes`, which is exact by itself. */
export function exactSizeText(bytes: number): string {
  return bytes < 1024 ? counted(bytes, 'byte') : `${sizeText(bytes)} (${counted(bytes, 'byte')})`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
