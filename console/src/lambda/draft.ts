import type { FunctionConfiguration } from '../aws/lambda';

/** A package as it was read. */
export interface Package {
  readonly zip: Uint8Array;
  readonly sha256: string;
}

/** What was written to files of a package, and to which package: another may be deployed meanwhile. */
export interface Draft {
  readonly base: Package;
  readonly files: ReadonlyMap<string, string>;
}

export const NO_FILES: Draft['files'] = new Map();

/** The draft with a file as it is now to be; none once every file is as it was. */
export function withText(base: Package, files: Draft['files'], name: string, text: string | undefined): Draft | undefined {
  const next = new Map(files);
  if (text === undefined) {
    next.delete(name);
  } else {
    next.set(name, text);
  }
  return next.size === 0 ? undefined : { base, files: next };
}

/** Whether the function has another package than the draft was made of. */
export function isBehind(draft: Draft | undefined, { CodeSha256 }: Pick<FunctionConfiguration, 'CodeSha256'>): boolean {
  return draft !== undefined && draft.base.sha256 !== CodeSha256;
}
