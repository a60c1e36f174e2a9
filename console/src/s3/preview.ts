/** How an object can be shown. */
export type Kind = 'picture' | 'json' | 'text' | 'unknown';

/** What an `<img>` draws in every browser. */
const PICTURES = /^image\/(jpeg|png|gif|webp|avif|bmp|svg\+xml|x-icon)$/;
const PICTURE_NAMES = /\.(jpe?g|png|gif|webp|avif|bmp|svg|ico)$/i;
const TEXTS = /^(text\/|application\/(xml|x?-?yaml|toml|javascript|x-sh|sql|x-ndjson)$)|\+xml$/;
const TEXT_NAMES = /\.(txt|md|csv|tsv|xml|ya?ml|toml|ini|log|jsonl|ndjson|[cm]?[jt]sx?|py|rs|go|java|sh|sql|html?|css)$/i;

/** By content type, and by name where that says nothing. */
export function kindOf(key: string, contentType: string): Kind {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (PICTURES.test(type)) {
    return 'picture';
  }
  if (type === 'application/json' || type.endsWith('+json')) {
    return 'json';
  }
  if (TEXTS.test(type)) {
    return /\.json$/i.test(key) ? 'json' : 'text';
  }
  const isTold = type !== '' && type !== 'application/octet-stream' && type !== 'binary/octet-stream';
  if (isTold) {
    return 'unknown';
  }
  return PICTURE_NAMES.test(key) ? 'picture' : /\.json$/i.test(key) ? 'json' : TEXT_NAMES.test(key) ? 'text' : 'unknown';
}

/** Whether it is a picture that Rekognition looks at. */
export function mayShowFaces(key: string, contentType: string): boolean {
  return kindOf(key, contentType) === 'picture' && (/^image\/(jpeg|png)\b/i.test(contentType) || (!/^image\//i.test(contentType) && /\.(jpe?g|png)$/i.test(key)));
}

/** What the object's file is called when it is saved: `attachment; filename*=UTF-8''…`. */
export function attachment(name: string): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename*=UTF-8''${encoded}`;
}
