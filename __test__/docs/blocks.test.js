'use strict';

/** Every block of code in the documents runs as it stands, against a real Redis and memcached; every command is there. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const createSession = require('../..');
const storeTests = require('../../store-tests');
const { runBlock } = require('../support/doc_apps');
const { load } = require('../support/doc_world');
const { DOCUMENTS, ROOT, blockWith, blocksOf, read } = require('../support/documents');
const { startWorld } = require('../support/doc_servers');

const LANGUAGES = ['', 'bash', 'dockerfile', 'js', 'json', 'sql', 'text', 'ts'];
/** A suite of tests registers them where this file does. */
const IS_SUITE = /^storeTests\(/m;

const world = startWorld();

for (const document of DOCUMENTS) {
  blocksOf(document, 'js').filter(({ source }) => !IS_SUITE.test(source)).forEach(({ source }, index) => {
    test(`${document}, block ${index + 1}: ${source.split('\n')[0]}`, async t => {
      t.after(async () => {
        for (const close of world.closing.splice(0).reverse()) await close();
      });
      await runBlock(world, source);
    });
  });
}

describe('the example of docs/own-store.md passes the suite as the page runs it', () => {
  const { MyStore } = load(world, blockWith('docs/own-store.md', 'class MyStore'));
  const names = { 'node:test': { test }, './my_store': { MyStore }, 'egg-session-native/store-tests': storeTests };
  load(world, blockWith('docs/own-store.md', 'storeTests({'), { require: name => names[name] ?? assert.fail(name) });
});

test('one block only of each document is a suite, and it is that of docs/own-store.md', () => {
  assert.deepEqual(DOCUMENTS.filter(document => blocksOf(document, 'js').some(({ source }) => IS_SUITE.test(source))), ['docs/own-store.md']);
});

test('every block says its language', () => {
  for (const document of DOCUMENTS) {
    for (const { language, source } of blocksOf(document)) {
      assert.ok(LANGUAGES.includes(language), `${document}: ${language}`);
      if (language === '') assert.match(source, /^ACL /, `${document}: rules of Redis have no language`);
      if (language === 'json') assert.doesNotThrow(() => JSON.parse(source), document);
    }
  }
});

/** @type {Record<string, (words: string[]) => boolean>} whether a command is there */
const COMMANDS = {
  npm: ([command, script]) => ['i', 'ci', 'test'].includes(command) || (command === 'run' && Object.hasOwn(require('../../package.json').scripts, script)),
  npx: ([name, command]) => name === 'egg-session-native' && ['key', 'open', 'doctor'].includes(command),
  node: ([file]) => file === '-p' || fs.existsSync(path.join(ROOT, file)),
  esbuild: () => fs.existsSync(path.join(ROOT, 'node_modules/esbuild')),
};

/** @param {string} line @param {string} where */
function assertCommand(line, where) {
  const [name, ...words] = line.split(/\s+/);
  assert.ok(Object.hasOwn(COMMANDS, name) && COMMANDS[name](words), `${where}: ${line}`);
}

test('every command of a block is there', () => {
  for (const document of DOCUMENTS) {
    for (const { source } of blocksOf(document, 'bash')) {
      for (const line of source.split('\n').filter(text => text && !text.startsWith('#'))) assertCommand(line, document);
    }
  }
});

test('every command within a sentence is there', () => {
  for (const document of DOCUMENTS) {
    for (const [, line] of read(document).matchAll(/`(np[mx] (?:run|egg)[^`]*|node (?:scripts|benchmark)\/[^`]*)`/g)) {
      if (!line.startsWith('npx egg-session-native key|')) assertCommand(line.replace(/^npx egg-session-native`?$/, 'npx egg-session-native key'), document);
    }
  }
});

test('`engine.name` is what the commands print', () => {
  assert.ok(['native', 'portable'].includes(createSession.engine.name));
});
