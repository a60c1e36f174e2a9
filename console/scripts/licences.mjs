// Writes LICENCES.md: every package that can come into the console's files, with its licence. With --check it only
// compares, and refuses licences that nobody has agreed to.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
/** Permissive, and satisfied by the texts that the build puts into licences.md. */
const AGREED = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0']);

const { packages } = JSON.parse(read('package-lock.json'));
const rows = Object.entries(packages)
  .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.optional !== true && entry.peer !== true)
  .map(([path, entry]) => {
    const licence = entry.license ?? JSON.parse(read(`${path}/package.json`)).license ?? 'none named';
    return { name: path.replace(/^.*node_modules\//, ''), version: entry.version, licence };
  })
  .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'));

const refused = rows.filter(({ licence }) => !AGREED.has(licence));
if (refused.length > 0) {
  console.error(refused.map(({ name, licence }) => `${name}: nobody has agreed to the licence ${licence}`).join('\n'));
  process.exit(1);
}
const resolved = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined);
if (resolved.length > 0) {
  console.error('package-lock.json names a registry; npm leaves it out with console/.npmrc');
  process.exit(1);
}
const text = `# Licences of the console's packages

Made by \`npm run licences\` from package-lock.json. The build puts the licence texts of what is really in its files into
\`dist/licences.md\`, which the server answers at \`/console/licences.md\`.

| package | version | licence |
|---|---|---|
${rows.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`).join('\n')}
`;
if (!process.argv.includes('--check')) {
  writeFileSync(new URL('LICENCES.md', root), text);
} else if (read('LICENCES.md') !== text) {
  console.error('LICENCES.md is not up to date: npm run licences');
  process.exit(1);
}
