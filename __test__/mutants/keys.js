'use strict';

/**
 * Koa's signatures, and app keys that are Buffers.
 *
 * @type {import('./index').Mutant[]}
 */
module.exports = [
  {
    id: 'Koa cookies signed with the hash of Egg',
    claim: 'mode signed-sha1 signs as keygrip does',
    file: 'lib/engine/portable/values.js',
    search: 'signWith(\'sha1\', key,',
    replacement: 'signWith(\'sha256\', key,',
    tests: ['engine/koa_cookies'],
  },
  {
    id: 'Koa cookies verified with the hash of Egg',
    claim: 'mode signed-sha1 reads what cookies wrote',
    file: 'lib/engine/portable/values.js',
    search: 'mode === \'signed-sha1\' ? \'sha1\' : \'sha256\'',
    replacement: 'mode === \'signed-sha1\' ? \'sha256\' : \'sha256\'',
    tests: ['engine/koa_cookies'],
  },
  {
    id: 'Koa digest asked of the hash of Egg',
    claim: 'verifySha1 is Keygrip\'s index',
    file: 'lib/engine/native/index.js',
    search: 'binding.verify(this.#handle, SIGNED_SHA1, bytes, digest)',
    replacement: 'binding.verify(this.#handle, SIGNED, bytes, digest)',
    tests: ['engine/koa_cookies'],
  },
  {
    id: 'Koa signature cut where that of Egg is',
    claim: 'a signature with SHA-1 has 27 characters',
    file: 'lib/engine/native/index.js',
    search: 'const SIGNATURE_CHARS = [0, 43, 0, 27];',
    replacement: 'const SIGNATURE_CHARS = [0, 43, 0, 43];',
    tests: ['engine/koa_cookies'],
  },
  {
    id: 'an older key\'s index lost',
    claim: 'who signed is told, so that the signature is renewed',
    file: 'lib/engine/portable/egg_formats.js',
    search: 'return keys.findIndex(key => crypto.timingSafeEqual(given, Buffer.from(signWith(hash, key, data), \'latin1\')));',
    replacement: 'return keys.some(key => crypto.timingSafeEqual(given, Buffer.from(signWith(hash, key, data), \'latin1\'))) ? 0 : -1;',
    tests: ['engine/koa_cookies'],
  },
  {
    id: 'key bytes not copied for the engine',
    claim: 'the app\'s Buffer stays as it is, though the engine wipes its keys',
    file: 'lib/engine/arguments.js',
    search: 'Buffer.from(key, \'utf8\') : new Uint8Array(key);',
    replacement: 'Buffer.from(key, \'utf8\') : key;',
    tests: ['engine/byte_keys'],
  },
  {
    id: 'key bytes taken for text',
    claim: 'the bytes of a Buffer are used as they are',
    file: 'lib/engine/arguments.js',
    search: 'Buffer.from(key, \'utf8\') : new Uint8Array(key);',
    replacement: 'Buffer.from(key, \'utf8\') : Buffer.from(Buffer.from(key).toString());',
    tests: ['engine/byte_keys'],
  },
  {
    id: 'key bytes not copied to compare with',
    claim: 'bytes that the app changes in place are another key',
    file: 'lib/cookie/keyring.js',
    search: 'typeof key === \'string\' ? key : Buffer.from(key)',
    replacement: 'key',
    tests: ['cookie/byte_keys'],
  },
  {
    id: 'key bytes compared by their length',
    claim: 'other bytes are another key',
    file: 'lib/cookie/keyring.js',
    search: 'known.equals(key);',
    replacement: 'known.length === key.length;',
    tests: ['cookie/byte_keys'],
  },
  {
    id: 'key bytes compared by identity',
    claim: 'equal bytes keep the keyring and what it remembers',
    file: 'lib/cookie/keyring.js',
    search: 'isUint8Array(key) && Buffer.isBuffer(known) && known.equals(key);',
    replacement: 'isUint8Array(key) && key === known;',
    tests: ['cookie/byte_keys'],
  },
];
