// The last step of the build: compresses what Vite made and brings console/dist up to date. A file that is there already
// is not written again, so that the server is built anew only when its console has changed.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const from = new URL('../node_modules/.canter/dist/', import.meta.url).pathname;
const to = new URL('../dist/', import.meta.url).pathname;
/** What the first page may cost, over the wire: what a person waits for. */
const FIRST_LOAD_BYTES_MAX = 500_000;
const FIRST_PAGE = ['index.html', 'src/machines/ListPage.tsx'];
/** What the server fills in; see crates/gateway/src/console.rs. */
const MARKS = ['<base href="/console/" />', '<meta name="nonce" content="" />'];
/** Their texts compress; what an image holds is compressed already. */
const COMPRESSED = /\.(js|css|svg|md|json)$/;

const wanted = new Set();
let written = 0;

for (const file of files(from)) {
  if (file === '.vite/manifest.json') {
    continue;
  }
  const name = file.replace('.vite/license.md', 'licences.md');
  const bytes = readFileSync(join(from, file));
  const isSame = put(name, () => bytes, (old) => old.equals(bytes));
  if (COMPRESSED.test(name)) {
    put(`${name}.br`, () => brotli(bytes), () => isSame);
    put(`${name}.gz`, () => gzipSync(bytes, { level: 9 }), () => isSame);
  }
}
for (const file of files(to)) {
  if (!wanted.has(file)) {
    rmSync(join(to, file));
    written += 1;
  }
}

const missing = MARKS.filter((mark) => !readFileSync(join(to, 'index.html'), 'utf8').includes(mark));
if (missing.length > 0) {
  fail(`index.html lacks ${missing.join(' and ')}, which the server fills in`);
}
const first = firstLoad();
if (first > FIRST_LOAD_BYTES_MAX) {
  fail(`the first page takes ${first} bytes, more than ${FIRST_LOAD_BYTES_MAX}`);
}
console.log(`the first page takes ${Math.round(first / 1000)} KB in brotli`);
console.log(`console/dist: ${wanted.size} files, ${written} of them changed`);

/** Writes a file unless what is there is good; tells whether it was. */
function put(name, make, isGood) {
  wanted.add(name);
  const path = join(to, name);
  if (existsSync(path) && isGood(readFileSync(path))) {
    return true;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, make());
  written += 1;
  return false;
}

/** Bytes of all that the first page needs before it is drawn. */
function firstLoad() {
  const manifest = JSON.parse(readFileSync(join(from, '.vite/manifest.json'), 'utf8'));
  const needed = new Set();
  const seen = new Set();
  const visit = (name) => {
    if (!seen.has(name)) {
      seen.add(name);
      const { file, css = [], imports = [] } = manifest[name];
      [file, ...css].forEach((path) => needed.add(path));
      imports.forEach(visit);
    }
  };
  FIRST_PAGE.forEach(visit);
  return [...needed].reduce((sum, path) => sum + statSync(join(to, `${path}.br`)).size, 0);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function brotli(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params });
}

function files(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
