/** The bytes as text; none if they are no UTF-8. The last character may be cut off where the bytes are only a beginning. */
export function decodeText(bytes: Uint8Array): string | undefined {
  for (let cut = 0; cut < 4 && cut <= bytes.length; cut += 1) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
      return text.includes('\0') ? undefined : text;
    } catch {
      // Perhaps a character was cut in two.
    }
  }
  return undefined;
}
