// The cookie engine by itself.
import { Keyring, diff, engine, merge, SessionError, SessionErrorCode } from 'egg-session-native';

const ring = new Keyring(['new key', 'old key']);
const { value, signature } = ring.seal('signed', 'EGG_SESS', '{"a":1}');
const opened = ring.open('signed', 'EGG_SESS', value, signature);
if (opened) console.log(opened.text, opened.keyIndex);
const koas = new Keyring([Buffer.from('new key'), new Uint8Array(32), 'old key']);
const { value: koaValue, signature: koaSignature } = koas.seal('signed-sha1', 'koa.sess', '{"a":1}');
console.log(koas.open('signed-sha1', 'koa.sess', koaValue, koaSignature)?.text);
const koaIndex: number = koas.verifySha1('data', koas.signSha1('data'));
const key: string | undefined = ring.openValue('encrypted', 'EGG_SESS', ring.sealValue('encrypted', 'EGG_SESS', 'id').value)?.value;
const index: number = ring.verify('data', ring.sign('data'));
const plain = ring.decrypt(ring.encrypt('text'));
if (plain !== false) console.log(plain.value.toString(), plain.index, key, index, koaIndex);

export function explain(err: SessionError): string {
  const codes: Record<SessionErrorCode, string> = {
    ERR_SESSION_OPTION: `option ${err.option}`,
    ERR_SESSION_SECURE_COOKIE: 'a secure cookie over plain HTTP',
    ERR_SESSION_KEYS: 'keys',
    ERR_SESSION_MODE: 'mode',
    ERR_SESSION_ARGUMENT: 'argument',
    ERR_SESSION_ENGINE: `engine, not ${engine.name}: ${engine.reason}`,
    ERR_SESSION_CONFLICT: 'conflict',
    ERR_SESSION_GONE: 'gone',
    ERR_SESSION_READONLY: 'read-only',
    ERR_SESSION_STORE_TIMEOUT: 'timeout',
  };
  return codes[err.code];
}

const token = ring.sealSealed('EGG_SESS', '{}', { createdAtMs: 1, id: 'id' }).value;
const until: number | undefined = ring.openSealed('EGG_SESS', token, Date.now())?.expiresAtMs;
const paths: string[] = (diff('{}', '{"a":1}') ?? []).map(operation => operation.path);
const { text: merged, conflicts } = merge('{}', '{"a":1}', '{"a":2}');
console.log(until, paths, merged, conflicts.length);

// @ts-expect-error at least an array is needed
new Keyring();
// @ts-expect-error keys are text or bytes
new Keyring([1]);
// @ts-expect-error no such mode
ring.seal('hidden', 'EGG_SESS', '{}');
// @ts-expect-error hostile input gives null, which must be looked at
ring.open('plain', 'EGG_SESS', 'e30=').text;
// @ts-expect-error read-only
engine.name = 'portable';
