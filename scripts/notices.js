'use strict';

// npm run notices              writes THIRD_PARTY_NOTICES.md: the crates in the binary and their licences' texts
// npm run notices -- --check   only says whether it is what it should be

const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./platforms');
const { compiledCrates } = require('./crates');
const { main } = require('./setup');

/** @typedef {import('./crates').Crate} Crate */

const FILE = path.join(ROOT, 'THIRD_PARTY_NOTICES.md');

const INTRODUCTION = `# Third-party notices

The native engine, in the packages \`egg-session-native-…\`, contains the Rust crates below, the Rust standard library
(MIT OR Apache-2.0, copyright The Rust Project Contributors) and SQLite, which its authors have put in the public domain.
Where a crate offers a choice of licences it is used under MIT. Crates of one text stand together.

Made by \`npm run notices\` from Cargo.lock.
`;

// For crates that name their licence but ship no text of it.
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** @param {Crate} crate @returns {string} the texts under which it is used */
function licenceText(crate) {
  const files = fs.readdirSync(crate.folder).filter(name => /^(licen[cs]e|copying|copyright|notice|unlicense)/i.test(name)).sort();
  const mayBeMit = /\bMIT\b/.test(crate.license ?? '');
  const mit = files.filter(name => /mit/i.test(name));
  // Both an obligation, "AND", and a notice stay; of a choice only the MIT text does.
  const chosen = mayBeMit && mit.length > 0 ? files.filter(name => mit.includes(name) || /notice|copyright|unicode/i.test(name)) : files;
  if (chosen.length > 0) {
    return chosen.map(name => fs.readFileSync(path.join(crate.folder, name), 'utf8').replace(/\r/g, '').trim()).join('\n\n');
  }
  if (!mayBeMit) throw new Error(`${crate.name} ${crate.version} has no licence text: add it to scripts/notices.js`);
  return `Copyright the authors of ${crate.name}${crate.repository ? `, ${crate.repository}` : ''}\n\n${MIT}`;
}

/** @returns {string} */
function notices() {
  /** @type {Map<string, Crate[]>} */
  const byText = new Map();
  for (const crate of compiledCrates().crates) {
    const text = licenceText(crate);
    byText.set(text, [...byText.get(text) ?? [], crate]);
  }
  const sections = [...byText].map(([text, crates]) => {
    const heading = crates.map(({ name, version }) => `${name} ${version}`).join(', ');
    const indented = text.replace(/^(?=.)/gm, '    ').replace(/[ \t]+$/gm, '');
    return `## ${heading}\n\n${[...new Set(crates.map(({ license }) => license))].join('; ')}\n\n${indented}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

module.exports = { notices, FILE };

if (require.main === module) {
  main(() => {
    const text = notices();
    if (!process.argv.includes('--check')) return fs.writeFileSync(FILE, text);
    if (!fs.existsSync(FILE) || fs.readFileSync(FILE, 'utf8') !== text) {
      throw new Error('THIRD_PARTY_NOTICES.md is not what Cargo.lock asks for: run `npm run notices`');
    }
  });
}
