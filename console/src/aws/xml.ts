import type { ReadError } from './client';

/** The first element of that name, anywhere below. */
export function element(parent: Document | Element, name: string): Element | undefined {
  return parent.getElementsByTagName(name)[0];
}

/** Its text, empty if there is none. */
export function text(parent: Document | Element, name: string): string {
  return element(parent, name)?.textContent ?? '';
}

/** The direct children of that name. */
export function children(parent: Document | Element, name: string): Element[] {
  return [...parent.children].filter((child) => child.tagName === name);
}

export function parseXml(source: string): Document {
  return new DOMParser().parseFromString(source, 'application/xml');
}

/** S3's `<Error>` and the query protocol's `<ErrorResponse><Error>`. */
export const readXmlError: ReadError = (response, source) => {
  const document = parseXml(source);
  const code = text(document, 'Code');
  if (code === '') {
    return { code: STATUS_CODES[response.status] ?? `HTTP ${response.status}`, message: source.trim() };
  }
  return { code, message: text(document, 'Message') };
};

/** Answers to HEAD have no body; these are the names that S3's clients give them. */
const STATUS_CODES: Record<number, string> = { 403: 'AccessDenied', 404: 'NotFound', 412: 'PreconditionFailed' };
