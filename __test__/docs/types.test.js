'use strict';

/**
 * Every block of TypeScript in the documents compiles, beside the types of Egg 3 and Koa. __test__/types has the same for Egg 4.
 * The controller of docs/typescript.md needs Egg 4.1: __test__/package/install_egg41.test.js compiles it and runs it in an app.
 */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const ts = require('typescript');
const { DOCUMENTS, ROOT, blockWith, blocksOf } = require('../support/documents');

const IS_FOR_EGG_41 = /^\/\/ app\/controller\/account\.ts\n[^]*\bHTTPController\b/;
const MODULES = path.join(ROOT, 'node_modules');
const OPTIONS = {
  strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, target: ts.ScriptTarget.ES2022,
  types: ['node', 'koa'], typeRoots: [path.join(MODULES, '@types')], baseUrl: ROOT,
  paths: { 'egg-session-native': ['index.d.ts'], '*': ['node_modules/@types/*', 'node_modules/*'] },
};

/**
 * @param {Record<string, string>} files
 * @returns {string[]} what the compiler says about them
 */
function problemsOf(files) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'session-doc-types-')));
  try {
    const names = Object.entries(files).map(([name, source]) => {
      fs.writeFileSync(path.join(folder, name), source);
      return path.join(folder, name);
    });
    const program = ts.createProgram(names, OPTIONS);
    return names.flatMap(name => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)))
      .map(({ file, messageText }) => `${file && path.basename(file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('every block of TypeScript compiles', () => {
  /** @type {Record<string, string>} */
  const files = {};
  let elsewhere = 0;
  for (const document of DOCUMENTS) {
    blocksOf(document, 'ts').forEach(({ source }, index) => {
      if (IS_FOR_EGG_41.test(source)) {
        elsewhere++;
        return;
      }
      // A file without import and export would declare for all the others, too.
      files[`${path.basename(document, '.md')}_${index}.ts`] = /^(?:import|export) /m.test(source) ? source : `export {};\n${source}`;
    });
  }
  assert.ok(Object.keys(files).length >= 5);
  assert.equal(elsewhere, 1, 'one block only is compiled elsewhere');
  assert.deepEqual(problemsOf(files), []);
});

test('the Revocation of docs/revocation.md is the one that the package takes', () => {
  const theirs = blockWith('docs/revocation.md', 'interface Revocation');
  const use = 'export {};\ndeclare const one: Revocation;\nconst ours: import(\'egg-session-native\').Revocation = one;\n';
  assert.deepEqual(problemsOf({ 'revocation.ts': theirs + use }), []);
  assert.notDeepEqual(problemsOf({ 'revocation.ts': theirs.replace('isRevoked(', 'isOver(') + use }), [], 'the test can fail');
});
