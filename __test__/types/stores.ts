// The stores of this package, and one of an app's own that compares and sets.
import createSession, { CompareAndSetStore, MemcachedStore, RedisStore, SqliteStore } from 'egg-session-native';

const stores: CompareAndSetStore[] = [
  new SqliteStore({ path: 'sessions.db', synchronous: 'full', userOf: session => session.userId }),
  new RedisStore({ client: {}, prefix: 'sess:', timeoutMs: 1000, maxPendingBytes: 2 ** 24 }),
  new MemcachedStore({ client: {}, maxValueBytes: 500000 }),
];

class OwnStore implements CompareAndSetStore {
  private texts = new Map<string, string>();
  get(key: string) { return JSON.parse(this.texts.get(key) ?? 'null'); }
  set(key: string, session: object) { this.texts.set(key, JSON.stringify(session)); }
  destroy(key: string) { this.texts.delete(key); }
  async getText(key: string) { return this.texts.get(key); }
  async setText(key: string, text: string) { this.texts.set(key, text); }
  async compareAndSet(key: string, expectedText: string | null, text: string) {
    const found = this.texts.get(key);
    if (found === undefined && expectedText !== null) return { status: 'gone' as const };
    if (found !== undefined && found !== expectedText) return { status: 'conflict' as const, text: found };
    this.texts.set(key, text);
    return { status: 'done' as const };
  }
}

export const middlewares = [...stores, new OwnStore()].map(store =>
  createSession({ store, storeTimeout: 2000, onStoreError: 'readonly' }, { use() {}, context: {} }));

export async function logOutEverywhere(store: SqliteStore, user: string): Promise<number> {
  const sessions = await store.list({ user });
  console.log(sessions.map(({ createdAt, updatedAt, expiresAt }) => [ createdAt, updatedAt, expiresAt ].map(ms => new Date(ms))));
  return store.destroyAll({ user });
}

/** Before the app listens. */
export async function atStart(app: createSession.AppLike, store: RedisStore): Promise<string[]> {
  try {
    await createSession.checkAccess(app);
    await store.checkAccess('sess:');
  } catch (error) {
    const { code, commands = [], reason } = error as createSession.SessionError;
    if (code === 'ERR_SESSION_STORE_FORBIDDEN') return [`${reason}`, ...commands];
  }
  return [];
}

export async function logOutElsewhere(store: SqliteStore | RedisStore, user: string | number, key: string | undefined) {
  // @ts-expect-error one key
  await store.destroyAll({ user, except: [ key ] });
  return store.destroyAll({ user, except: key });
}

/** By hand, without a request. */
export async function byHand(store: SqliteStore | RedisStore | MemcachedStore) {
  await store.set('key', { userId: 1 }, 1000);
  await store.set('key', { userId: 1 });
  const session = await store.get('key');
  await store.destroy('key');
  return session?.userId;
}

export async function times(store: RedisStore) {
  const [ first ] = await store.list({ user: 1 });
  // @ts-expect-error Redis does not keep it
  return first.createdAt;
}

// @ts-expect-error a file is needed
new SqliteStore({});
// @ts-expect-error no such policy
createSession({ onStoreError: 'ignore' }, { use() {} });
