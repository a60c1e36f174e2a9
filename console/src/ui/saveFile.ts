/** Gives content to the person as a file of that name. */
export function saveFile(content: BlobPart, name: string, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser begins to read it only after the click.
  setTimeout(() => URL.revokeObjectURL(url), READ_MS);
}

const READ_MS = 10_000;
