/** A file, and where it lay below what was dropped or chosen: `photos/2026/a.jpg`. */
export interface Chosen {
  readonly file: File;
  readonly path: string;
}

/** What a person dropped, folders with all that is in them. To be called while the event is at hand. */
export async function droppedFiles(data: DataTransfer): Promise<Chosen[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) {
    return chosenFiles(data.files);
  }
  const found: Chosen[] = [];
  // A list of what is left instead of recursion: folders may be deep.
  const left: FileSystemEntry[] = entries;
  for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
    if (entry.isFile) {
      found.push({ file: await fileOf(entry as FileSystemFileEntry), path: entry.fullPath.replace(/^\//, '') });
    } else {
      left.push(...(await entriesOf(entry as FileSystemDirectoryEntry)));
    }
  }
  return found;
}

export function chosenFiles(files: Iterable<File>): Chosen[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A hundred at a time; an empty answer is the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return all;
    }
    all.push(...some);
  }
}
