'use strict';

/**
 * What calls of the ready-made stores hold while nobody answers.
 *
 * @type {import('./index').Mutant[]}
 */
module.exports = [
  {
    id: 'pending without a bound',
    claim: 'a server that hangs does not fill the memory',
    file: 'lib/stores/pending.js',
    search: ' && this.#bytes + bytes > this.#mostBytes',
    replacement: ' && false',
    tests: ['stores/redis/pending'],
  },
  {
    id: 'pending until the deadline only',
    claim: 'a command that stays with the client after its deadline counts',
    file: 'lib/stores/server.js',
    search: 'if (answer) pending.releaseWith(held, answer);',
    replacement: 'held.release();',
    tests: ['stores/redis/pending'],
  },
  {
    id: 'pending after the answer',
    claim: 'a command that was answered no longer counts',
    file: 'lib/stores/server.js',
    search: '      held.release();\n',
    replacement: '',
    tests: ['stores/redis/pending'],
  },
  {
    id: 'pending though forgotten by the client',
    claim: 'a command that its client forgot does not count for ever',
    file: 'lib/stores/server.js',
    search: '      if (answer) pending.releaseWith(held, answer);\n',
    replacement: '',
    tests: ['stores/memcached/pending'],
  },
  {
    id: 'a deadline that counts computing',
    claim: 'time in which the process computes counts for a quarter of the limit at most',
    file: 'lib/store/deadline.js',
    search: 'const PARTS = 4;',
    replacement: 'const PARTS = 1;',
    tests: ['store/deadline'],
  },
  {
    id: 'a deadline before the answers',
    claim: 'after the last part of the limit, the answers that have arrived are taken first',
    file: 'lib/store/deadline.js',
    search: 'lastTurn = setImmediate(onPassed);',
    replacement: 'onPassed();',
    tests: ['store/deadline'],
  },
  {
    id: 'a deadline that a pause lifts',
    claim: 'a limit holds in a process that computes again and again',
    file: 'lib/store/deadline.js',
    search: '    leftMs -= partMs;\n',
    replacement: '',
    tests: ['store/deadline'],
  },
  {
    id: 'pending in SQLite after the answer',
    claim: 'a write that was answered no longer counts',
    file: 'lib/stores/sqlite/calls.js',
    search: '      call.pending.release(call.bytes);\n',
    replacement: '',
    tests: ['stores/sqlite/pending'],
  },
  {
    id: 'pending in SQLite after a refusal',
    claim: 'a write that was refused does not count',
    file: 'lib/stores/sqlite/calls.js',
    search: '        pending.release(bytes);\n',
    replacement: '',
    tests: ['stores/sqlite/pending'],
  },
  {
    id: 'pending reads and writes together in SQLite',
    claim: 'reads go on while writes wait',
    file: 'lib/stores/sqlite/calls.js',
    search: 'WRITES.has(name) ? this.#pendingWrites : this.#pendingReads',
    replacement: 'this.#pendingWrites',
    tests: ['stores/sqlite/pending'],
  },
];
