import { expect, it } from 'vitest';
import { decodeText } from './bytes';
import { exactSizeText, sizeText } from './size';

it('writes sizes', () => {
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(sizeText)).toEqual(['0 B', '1023 B', '1.5 KB', '5.0 GB']);
});

it('writes sizes to the byte', () => {
  expect([1, 24, 1536].map(exactSizeText)).toEqual(['1 byte', '24 bytes', '1.5 KB (1,536 bytes)']);
});

it('reads text that was cut within a character, and nothing else', () => {
  const bytes = new TextEncoder().encode('aü写');
  expect(decodeText(bytes)).toBe('aü写');
  expect(decodeText(bytes.subarray(0, bytes.length - 1))).toBe('aü');
  expect(decodeText(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3, 4]))).toBeUndefined();
  expect(decodeText(new Uint8Array([97, 0, 98]))).toBeUndefined();
});
