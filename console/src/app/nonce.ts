/**
 * For style sheets that are made while the page runs; others the browser refuses. In CodeMirror: `EditorView.cspNonce.of(NONCE)`.
 *
 * Empty while Vite serves the page, which has no such policy.
 */
export const NONCE = document.querySelector<HTMLMetaElement>('meta[name="nonce"]')?.content ?? '';
