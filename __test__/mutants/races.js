'use strict';

/**
 * Requests of one session that meet in a store.
 *
 * @type {import('./index').Mutant[]}
 */
module.exports = [
  {
    id: 'regenerate() moves what was loaded',
    claim: 'a new external key loses no change of another request',
    file: 'lib/store_commit.js',
    search: 'saved = merged(contextSession, mine, known, maxAge);\n    await callStore',
    replacement: 'saved = { text: mine, conflicts: [], maxAge };\n    await callStore',
    tests: ['shim_behind_the_back'],
  },
  {
    id: 'a session that has moved takes changes',
    claim: 'no change is saved under a key that regenerate() has given up',
    file: 'lib/store_commit.js',
    search: "answer.status === 'conflict' && !isMoved(answer.text)",
    replacement: "answer.status === 'conflict'",
    tests: ['shim_behind_the_back'],
  },
  {
    id: 'a move that was asked for twice fails',
    claim: 'regenerate() knows its own mark again',
    file: 'lib/store_commit.js',
    search: 'answer.text === moved ? DONE : answer',
    replacement: 'answer',
    tests: ['store_races'],
  },
  {
    id: 'regenerate() fails where the old entry stays',
    claim: 'a session that has moved needs no destroy',
    file: 'lib/store_commit.js',
    search: '{ ctx }).catch(() => {});',
    replacement: '{ ctx });',
    tests: ['store_races'],
  },
  {
    id: 'a new key for a session that is logged out',
    claim: 'regenerate() leaves nothing of a session that is destroyed meanwhile',
    file: 'lib/store_commit.js',
    search: "    await callStore(contextSession, 'destroy', key, { ctx });\n    return GONE;",
    replacement: '    return GONE;',
    tests: ['store_races', 'shim_behind_the_back'],
  },
  {
    id: 'a failed regenerate() keeps the new key',
    claim: 'the session stays under its old key when the store fails',
    file: 'lib/commit.js',
    search: '    if (contextSession._left !== undefined) takeKey(contextSession, key);\n',
    replacement: '',
    tests: ['store_races'],
  },
  {
    id: 'null and new content under the old key',
    claim: 'a session after null is another one',
    file: 'lib/context_session.js',
    search: '      if (this.session === false) this._isAnother = true;\n',
    replacement: '',
    tests: ['store_races'],
  },
  {
    id: 'another session with each save',
    claim: 'a session after null gets one new key',
    file: 'lib/commit.js',
    search: '  contextSession._isAnother = false;\n',
    replacement: '',
    tests: ['store_races'],
  },
  {
    id: 'a lifetime of another request in the text only',
    claim: 'the entry lives as long as another request has said',
    file: 'lib/store_commit.js',
    search: "maxAge: lifetime._session ? 'session' : lifetime._expire - Date.now() + GRACE_MS, lifetime }",
    replacement: 'maxAge, lifetime }',
    tests: ['store_races'],
  },
  {
    id: 'a lifetime of another request not in the cookie',
    claim: 'the cookie lives as long as another request has said',
    file: 'lib/store_commit.js',
    search: '    opts.maxAge = lifetime._session ? undefined : lifetime._maxAge;\n',
    replacement: '',
    tests: ['store_races'],
  },
  {
    id: 'a crowd on one session',
    claim: 'requests that compete for a session take turns',
    file: 'lib/store_commit.js',
    search: 'await inTurn(key, () => contend(answer.text, attempt))',
    replacement: 'await contend(answer.text, attempt)',
    tests: ['store_races'],
  },
  {
    id: 'one by one after a failure',
    claim: 'a store that fails makes nobody wait for the others',
    file: 'lib/turns.js',
    search: 'before.then(async () => { await turn; })',
    replacement: 'turn.then(() => {}, () => {})',
    tests: ['store_races'],
  },
  {
    id: 'the same data after null under no new key',
    claim: 'a session after null is saved even with the same data',
    file: 'lib/commit.js',
    search: 'leaveKey(contextSession)).then(() => commit(contextSession, true, regenerate))',
    replacement: 'leaveKey(contextSession)).then(() => commit(contextSession, force, regenerate))',
    tests: ['store_races'],
  },
];
