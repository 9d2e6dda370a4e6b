'use strict';

/**
 * The borders between the rooms of `lib/`: `npm run lint:rooms`. A room may import itself and the rooms that are named here.
 * CONTRIBUTING.md has the map.
 */

const MAY_IMPORT = {
  errors: [],
  diagnostics: [],
  engine: ['errors'],
  session: ['engine/lifetime', 'errors'],
  cookie: ['engine', 'errors', 'diagnostics', 'session/data', 'session/codec'],
  store: ['session', 'engine', 'errors', 'diagnostics'],
  request: ['session', 'cookie', 'store', 'engine', 'errors', 'diagnostics'],
  options: ['cookie/limits', 'cookie/slot', 'engine', 'errors', 'session/codec'],
  stores: ['store', 'engine', 'errors'],
  middleware: ['request', 'options', 'store/access', 'errors'],
  store_tests: ['middleware'],
  cli: ['options', 'cookie', 'engine', 'session', 'errors'],
};

/** @param {string} room @returns {string} a pattern for its files: a folder, or one file */
function filesOf(room) {
  return `^lib/${room}(?:/|\\.js$)`;
}

const rooms = Object.entries(MAY_IMPORT).map(([room, others]) => ({
  name: `${room}-imports-another-room`,
  comment: `lib/${room} may import ${others.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: filesOf(room) },
  to: { path: '^lib/', pathNot: [room, ...others].map(filesOf) },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'a-file-without-a-room',
      comment: 'a new room needs a line in MAY_IMPORT',
      severity: 'error',
      from: { path: '^lib/', pathNot: Object.keys(MAY_IMPORT).map(filesOf) },
      to: {},
    },
    {
      name: 'one-way-does-not-know-the-other',
      comment: 'SessionCookie alone decides whether the engine or ctx.cookies does the work',
      severity: 'error',
      from: { path: '^lib/cookie/(by_engine|by_ctx_cookies)\\.js$' },
      to: { path: '^lib/cookie/(by_engine|by_ctx_cookies)\\.js$' },
    },
    {
      name: 'plugin-knows-index-only',
      comment: 'the Egg plugin files import the package as an app does',
      severity: 'error',
      from: { path: '^(app\\.js$|app/|config/)' },
      to: { path: '^lib/' },
    },
    { name: 'no-circle', severity: 'error', from: { path: '^(lib/|index\\.js$)' }, to: { circular: true } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, moduleSystems: ['cjs'], tsPreCompilationDeps: false },
};
