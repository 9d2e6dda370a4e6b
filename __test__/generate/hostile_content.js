'use strict';

/**
 * What may lie under a right seal and still be hostile: an old format, a foreign program with the same key, a signed
 * cookie that the app let someone choose, or a plain cookie that anybody writes.
 */

const nested = (/** @type {string} */ open, /** @type {string} */ close, /** @type {number} */ levels) =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

/** JSON texts, or nearly so. */
const HOSTILE_TEXTS = Object.freeze([
  '', ' ', 'null', 'true', 'false', '0', '5', '-1', '1e999', '"text"', '"{}"', '[]', '[1,2]', '[{"a":1}]', '{}', '{"a":1}',
  '{', '}', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '{"a":1}}', '{"a":1}x', '{a:1}', "{'a':1}", '{"a":01}', '{"a":NaN}',
  '{"a":undefined}', ' {"a":1}', '\ufeff{"a":1}', '{"a":1}\u0000', '\u0000', '{"a":"\u0001"}', '{"a":"\\ud800"}', '{"a":"\ud800"}',
  '{"a":1,"a":2}', '{"":1}', '{"0":"a","length":1}', '{"a":"</script>"}', '{"a":"%00%0d%0a"}', 'undefined', 'NaN', 'é', '🦀',
  nested('[', ']', 5000), nested('{"a":', '}', 3000), nested('[', '', 4000), `{"a":"${'x'.repeat(8000)}"}`,
]);

/** Objects whose keys mean something to JavaScript, to koa-session or to egg. Read by JSON.parse they are plain data. */
const HOSTILE_OBJECTS = Object.freeze([
  '{"__proto__":{"admin":true},"a":1}', '{"__proto__":null}', '{"__proto__":1}', '{"constructor":{"prototype":{"admin":true}}}',
  '{"prototype":{"admin":true}}', '{"length":9}', '{"length":"x","a":1}', '{"populated":1}', '{"externalKey":"x"}',
  '{"isNew":true,"a":1}', '{"isNew":false}', '{"toJSON":1,"a":2}', '{"toString":1}', '{"valueOf":"x"}', '{"hasOwnProperty":0}',
  '{"save":1}', '{"regenerate":null}', '{"manuallyCommit":1}', '{"commit":1}', '{"inspect":1}', '{"then":1}',
  '{"_expire":1}', '{"_expire":"soon","a":1}', '{"_expire":9999999999999,"a":1}', '{"_expire":null,"a":1}', '{"_expire":{},"a":1}',
  '{"_expire":-1}', '{"_expire":true,"a":1}', '{"_maxAge":5000,"a":1}', '{"_maxAge":"x","a":1}', '{"_maxAge":null,"a":1}',
  '{"_maxAge":-1,"a":1}', '{"_maxAge":1e300,"a":1}', '{"_session":true,"a":1}', '{"_session":false,"a":1}', '{"_session":0}',
  '{"_ctx":1,"a":1}', '{"_sessCtx":1,"a":1}', '{"_externalKey":"x","a":1}', '{"_requireSave":true,"a":1}', '{"_a":1}',
  '{"maxAge":5000,"a":1}', '{"maxAge":"session"}', '{"maxAge":null,"a":1}',
]);

module.exports = { HOSTILE_TEXTS, HOSTILE_OBJECTS };
