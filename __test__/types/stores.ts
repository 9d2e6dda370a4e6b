// The stores of this package, and one of an app's own that compares and sets.
import createSession, { CompareAndSetStore, MemcachedStore, RedisStore, Revocations, SessionRegistry, SqliteStore, UserSession } from 'egg-session-native';

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

const redis = new RedisStore({ client: {}, userOf: session => session.userId });
const revocation = new Revocations({ store: redis, userOf: session => session.userId });
export const registries: SessionRegistry[] = [
  new SessionRegistry({ store: redis, touchAfterMs: 60000, label: ctx => ctx.get('user-agent'), address: 'network' }),
  new SessionRegistry({ revocation, maxSessions: 10, address: ctx => ctx.ip }),
];
createSession({ store: redis, registry: registries[0] }, { use() {}, context: {} });

// @ts-expect-error a MemcachedStore cannot list
new SessionRegistry({ store: new MemcachedStore({ client: {} }) });

export async function account(registry: SessionRegistry, ctx: object, id: unknown): Promise<string[]> {
  const sessions: UserSession[] = await registry.list('ada', { ctx, limit: 10 });
  const ended: boolean = await registry.end('ada', id) && await registry.endOthers(ctx);
  if (!ended) await registry.endAll(7);
  return sessions.map(({ id, label = 'unknown', lastSeenAt, current }) => `${id} ${label} ${new Date(lastSeenAt ?? 0)} ${current}`);
}
