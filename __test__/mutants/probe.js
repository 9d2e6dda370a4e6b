'use strict';

const { EGG, KOA } = require('../support/probe_kinds');

/**
 * The probe of a cookies class misses a difference, or its table is not what the engine answers.
 *
 * @type {import('./index').Mutant[]}
 */
module.exports = [
  {
    id: 'a probe that always says yes',
    claim: 'a class that behaves differently does its own work',
    file: 'lib/cookie/probe.js',
    search: 'return differing && differing.title;',
    replacement: 'return differing && undefined;',
    tests: ['cookie/probe'],
  },
  ...[
    ['values that are read', 'return returned === row.returned\n', 'return true\n'],
    ['Set-Cookie lines', "&& isSame(ctx.res.getHeader('set-cookie'), withDate(row))", ''],
    ['errors', '&& error === row.error\n', '&& (error === undefined) === (row.error === undefined)\n'],
    ['events', '&& isSame(events, row.events || NO_EVENTS)', ''],
    ['claims', 'if (row.holds !== undefined) return row.holds(cookies, KEYS);', 'if (row.holds !== undefined) return true;'],
    ['what a class does on its own', 'find((row) => !agrees(', 'find((row) => !row.own && !agrees('],
  ].map(([kind, search, replacement]) => ({
    id: `a probe that misses ${kind}`,
    claim: `the probe compares ${kind}`,
    file: 'lib/cookie/probe.js',
    search,
    replacement,
    tests: ['cookie/probe'],
  })),
  ...Object.entries({ 'egg-cookies': EGG, cookies: KOA }).flatMap(([family, kinds]) => kinds.map(({ title, has }) => ({
    id: `a probe of ${family} that misses rows: ${title}`,
    claim: `an edited copy shows why the probe has rows of the kind "${title}"`,
    file: 'lib/cookie/probe.js',
    search: 'rows[dialect.name].find((row) =>',
    replacement: `rows[dialect.name].filter((row) => dialect.name !== '${family}' || !(${has})(row)).find((row) =>`,
    tests: ['cookie/probe_kinds'],
  }))),
  ...[
    ['koa.js', 'any getter', '= isFresh && this.#getter !== undefined && ctx.__lookupGetter__(\'cookies\') === this.#getter', '= isFresh'],
    ['koa.js', 'the getter of the start', ' && ctx.__lookupGetter__(\'cookies\') === this.#getter', ''],
    ['egg.js', 'the first request\'s tenant', 'new cookies.constructor(NO_REQUEST, keys)', 'new cookies.constructor(cookies.ctx, keys)'],
    ['egg.js', 'any getter, for defaults', 'if (showsOptions(cookies) || isOfFramework) return null;', 'return null;'],
    ['sources.js', 'a subclass with a constructor', 'if (!hasEmptyBody(prototype.constructor)) return \'constructor\';', ''],
    ['sources.js', 'what stands in Koa\'s place', '&& textOf(file).includes(source)', ''],
    ['native_cookies.js', 'a constructor that looks at the request', '\n    && !looksAtRequest(getter.get, constructor)', ''],
  ].map(([file, who, search, replacement]) => ({
    id: `a probe that takes at its word: ${who}`,
    claim: 'a tenant\'s keys and defaults count, whoever chooses them',
    file: `lib/cookie/${file}`,
    search,
    replacement,
    tests: ['cookie/tenants'],
  })),
  {
    id: 'a probe that takes a wrapped method of a class loaded later',
    claim: 'the methods of a class in function style stand in the file that exports it',
    file: 'lib/cookie/sources.js',
    search: 'else if (known === undefined) texts = textsWith(prototype.constructor, source);',
    replacement: '',
    tests: ['cookie/wrappers'],
  },
  {
    id: 'a probe that finds no class in a bundle',
    claim: 'a class in function style is native in a bundle',
    file: 'lib/cookie/sources.js',
    search: "if (files.length === 0) files = [...Object.keys(require.cache), process.argv[1] || ''];",
    replacement: '',
    tests: ['cookie/wrappers'],
  },
  {
    id: 'a status that a request\'s odd class changes',
    claim: 'the status is that of the app\'s own class',
    file: 'lib/cookie/native_cookies.js',
    search: 'if (status.native || this.status.class === null) this.status = status;',
    replacement: 'this.status = status;',
    tests: ['cookie/probe_koa'],
  },
  {
    id: 'a trial for each session',
    claim: 'the sessions of an app share one trial of its class',
    file: 'lib/cookie/native_cookies.js',
    search: 'knownOfGetter.set(constructor, trial.known);',
    replacement: '',
    tests: ['cookie/probe_koa'],
  },
  {
    id: 'an egg-cookies without _get that is taken for Koa\'s class',
    claim: 'the dialect is told by the object\'s ctx',
    file: 'lib/cookie/native_cookies.js',
    search: 'cookies.ctx === ctx ? egg : koa',
    replacement: '\'_get\' in cookies ? egg : koa',
    tests: ['cookie/probe'],
  },
  {
    id: 'native cookies that are turned off in silence',
    claim: 'the log says that native cookies are turned off, and by what',
    file: 'lib/options/warnings.js',
    search: '  } else if (isTurnedOff) {\n    inform(app,',
    replacement: '  } else if (isTurnedOff) {\n    void (app,',
    tests: ['cookie/wrappers'],
  },
  {
    id: 'no warning of `encrypt: true` where native cookies are turned off',
    claim: '`encrypt: true` in Koa is warned of, also where native cookies are turned off',
    file: 'lib/options/warnings.js',
    search: 'if (cookies.family === \'cookies\' &&',
    replacement: 'if (!isTurnedOff && cookies.family === \'cookies\' &&',
    tests: ['cookie/wrappers'],
  },
  {
    id: 'a probe without a second look',
    claim: 'a second that passes within a row makes no difference',
    file: 'lib/cookie/probe.js',
    search: ' && !agrees(start, row));',
    replacement: ');',
    tests: ['cookie/probe_rows'],
  },
  ...[
    ['egg.js', 'if (domain) suffix += `; domain=${domain}`;', 'if (domain) suffix += `; Domain=${domain}`;'],
    ['koa.js', 'options.signed ?', '!options.signed ?'],
    ['by_engine.js', 'overwrite: true };\n  try {', 'overwrite: true, httpOnly: false };\n  try {'],
    ['probe_rows_koa.js', 'returned: VALUE, lines: [`probe.sig=${BY_NEW_KEY}${USUAL}`] },', 'returned: VALUE },'],
  ].map(([file, search, replacement]) => ({
    id: `a probe whose table is not the engine's, in ${file}`,
    claim: 'the table of the probe has what the engine answers',
    file: `lib/cookie/${file}`,
    search,
    replacement,
    tests: ['cookie/probe_rows'],
  })),
];
