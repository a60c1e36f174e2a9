/** Where the console is, with a slash at its end: `/console/`, or `/tools/console/` behind a proxy. */
export const BASE = new URL(document.baseURI).pathname;

/** The server's root as this page reaches it: `http://127.0.0.1:4566/`. */
export const ROOT = new URL('..', document.baseURI).href;
