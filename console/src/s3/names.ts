/** Why S3 would refuse a bucket's name; none if it would not. */
export function bucketProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) {
    return 'A name has 3 to 63 characters.';
  }
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) {
    return 'A name has lower-case letters, digits, dots and hyphens, a letter or digit at both ends.';
  }
  if (name.includes('..')) {
    return 'A name has no two dots side by side.';
  }
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? 'A name does not look like an IP address.' : undefined;
}

/** Why a key can't be; none if it can. */
export function keyProblem(key: string): string | undefined {
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > KEY_BYTES_MAX) {
    return `A key has at most ${KEY_BYTES_MAX} bytes in UTF-8; this one has ${bytes}.`;
  }
  return key.split('/').some((part) => part === '.' || part === '..') ? 'A browser can’t name keys with . or .. between slashes.' : undefined;
}

/** S3's bound. */
const KEY_BYTES_MAX = 1024;

/** What stands behind the last slash; a folder's with its slash. */
export function baseName(key: string): string {
  return key.slice(key.slice(0, -1).lastIndexOf('/') + 1);
}

/** The folder that a key or folder lies in, with a slash at its end; empty at the top. */
export function folderOf(key: string): string {
  return key.slice(0, key.slice(0, -1).lastIndexOf('/') + 1);
}

export function uriOf(bucket: string, key = ''): string {
  return `s3://${bucket}/${key}`;
}
