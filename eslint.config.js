'use strict';

const js = require('@eslint/js');
const globals = require('globals');

const NO_SKIPPED_TESTS = ['only', 'skip', 'todo'].flatMap(word => [
  { selector: `CallExpression[callee.property.name="${word}"][callee.object.name=/^(test|it|describe|suite)$/]`, message: `No .${word}() in tests.` },
  { selector: `CallExpression[callee.name=/^(test|it|describe|suite)$/] > ObjectExpression > Property[key.name="${word}"]`, message: `No { ${word} } in tests.` },
]);

module.exports = [
  { ignores: ['native/', 'target/', 'coverage/', 'dist/', '**/logs/', '**/run/', '**/typings/', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'commonjs', globals: globals.node },
    rules: {
      'array-bracket-spacing': ['error', 'never'],
      'comma-dangle': ['error', 'only-multiline'],
      curly: ['error', 'multi-line'],
      'eol-last': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'keyword-spacing': 'error',
      'max-len': ['error', { code: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'max-lines': ['error', { max: 300 }],
      'no-multiple-empty-lines': ['error', { max: 1, maxEOF: 0 }],
      'no-tabs': 'error',
      'no-throw-literal': 'error',
      'no-trailing-spaces': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      'no-var': 'error',
      'object-curly-spacing': ['error', 'always'],
      'prefer-const': 'error',
      quotes: ['error', 'single', { avoidEscape: true }],
      semi: 'error',
      'space-before-blocks': 'error',
      'space-infix-ops': 'error',
      strict: ['error', 'global'],
    },
  },
  {
    // Some of their functions run in a browser's page.
    files: ['__test__/browser/*.js'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    // What the demo's page loads.
    files: ['example/app/public/**/*.js'],
    languageOptions: { sourceType: 'module', globals: globals.browser },
    rules: { strict: 'off' },
  },
  {
    files: ['__test__/**/*.js'],
    rules: {
      // Tables of cases read better in long lines. Numbers that lose precision and generators that never wait are cases, too.
      'max-len': ['error', { code: 200, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'no-loss-of-precision': 'off',
      'no-restricted-syntax': ['error', ...NO_SKIPPED_TESTS],
      'require-yield': 'off',
    },
  },
];
