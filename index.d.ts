/// <reference path="./egg.d.mts" />

/**
 * egg-session-native: sessions for Egg 3, Egg 4 and Koa 2 whose cookie work is native.
 *
 * - As an Egg plugin nothing is imported at run time; `import 'egg-session-native'` in one file gives the types below to
 *   `config.session` and, in Egg 3, to `app.sessionStore` and `app.on('session:…')`.
 * - For Koa, or by hand: `app.use(createSession({ encrypt: false }, app))`.
 *
 * Needs neither Egg's nor Koa's types to be installed.
 */

/**
 * Makes the session middleware and gives the app's contexts `session` and `sessionOptions`.
 * The two arguments may come in either order. A second call on one app keeps the options of the first.
 *
 * @throws {TypeError} without an app
 * @throws {createSession.SessionError} with code `ERR_SESSION_OPTION` for an option that cannot work
 */
declare function createSession<App extends createSession.AppLike>(
  options: createSession.SessionOptions<createSession.ContextOf<App>> | null | undefined,
  app: App,
): createSession.SessionMiddleware;
declare function createSession<App extends createSession.AppLike>(
  app: App,
  options?: createSession.SessionOptions<createSession.ContextOf<App>> | null,
): createSession.SessionMiddleware;

declare namespace createSession {
  export { createSession };

  export type SessionMiddleware = (ctx: any, next: () => Promise<any>) => Promise<void>;

  /** What is needed of an app: Egg's and Koa's applications both have it. */
  export interface AppLike {
    use(...args: any[]): unknown;
    context: object;
  }

  /** The context type of an app: Egg's `Context`, Koa's context with its generics, else `any`. */
  export type ContextOf<App> =
    App extends { createAnonymousContext(...args: any[]): infer EggContext } ? EggContext
      : App extends { use(middleware: (ctx: infer KoaContext, ...args: any[]) => any): any } ? KoaContext
        : any;

  /** A lifetime in milliseconds, or `'session'`: until the browser closes. */
  export type MaxAge = number | 'session';

  /**
   * Lifetime, saving and where sessions are kept. `null` means "not set"; in `path`, `secure` and `domain`: leave it out. In
   * Egg `null` takes the place of the plugin's defaults too: with `encrypt: null` the cookie is signed, and can be read.
   */
  export interface SessionOptions<Ctx = any> extends SessionCookieOptions {
    /** Name of the cookie. Default `'koa.sess'`; in the Egg plugin `'EGG_SESS'`. */
    key?: string | null;

    /**
     * Lifetime of cookie and session in milliseconds, or `'session'`. Default 86400000, one day. In Koa name it: by default the
     * first cookie of a session ends with the browser, as with koa-session.
     */
    maxAge?: MaxAge | null;

    /** @deprecated the old spelling of `maxAge`, read when that is absent; in Egg it never is */
    maxage?: MaxAge | null;

    /** Sends the cookie with every response, so that `maxAge` counts from the last request. Default false. */
    rolling?: boolean | null;

    /** Sends the cookie again when less than half of `maxAge` is left, or less than `renewThreshold`. Default false. */
    renew?: boolean | null;

    /** Saves at the end of the request. With false, call `ctx.session.manuallyCommit()`. Default true. */
    autoCommit?: boolean | null;

    /** Keeps sessions outside of the cookie, which then holds the external key only. Default: sessions live in the cookie. */
    store?: SessionStore<Ctx> | null;

    /** Like `store`, but a class of which an instance is made for every request. It goes before `store`. */
    ContextStore?: ContextStoreClass<Ctx> | null;

    /** With a store: carries the external key elsewhere than in the cookie, for instance in a header. */
    externalKey?: {
      /** The key that the request brought, if any. */
      get(ctx: Ctx): string | null | undefined;
      /** Hands out the key with the response. */
      set(ctx: Ctx, key: string): void;
    } | null;

    /** With a store: makes an external key. Must not be guessable. Default: a random UUID. */
    genid?: ((ctx: Ctx) => string) | null;

    /** With a store: put before the default UUID; not used with `genid`. Default: none. */
    prefix?: string | null;

    /** Turns a session into the text that is encrypted or signed. Default: JSON in base64. */
    encode?: ((session: StoredSession) => string) | null;

    /** The way back. A SyntaxError starts a new session; any other error clears the cookie and fails the request. */
    decode?: ((text: string) => any) | null;

    /** With a store: how long one of its calls may take, in milliseconds; then it fails. Default: no limit. */
    storeTimeout?: number | null;

    /**
     * When the store cannot be read: `'throw'` fails the request, `'readonly'` starts it with an empty session that is
     * never saved. Default `'throw'`. `session:store_error` is emitted either way.
     */
    onStoreError?: 'throw' | 'readonly' | null;

    /**
     * How many cookies that came twice each worker remembers, up to 1,000,000, so that from then on a read neither decrypts nor parses;
     * about 2 KB each with sessions of 300 bytes. Expiry, `valid` and signatures are checked each time; a change of
     * `app.keys` forgets all. Cookies over 4,096 characters, sessions in pieces and external keys are not remembered. 0 remembers
     * none. Default 1000.
     */
    rememberedCookies?: number | null;

    /** Refuses a loaded session by a falsy answer; `session:invalid` is emitted and a new one begins. Default: none. */
    valid?: ((ctx: Ctx, session: StoredSession) => unknown) | null;

    /** Runs before every save, and may change the session. Default: none. */
    beforeSave?: ((ctx: Ctx, session: Session) => void) | null;

    /**
     * How long a session may last from its beginning, or from its last `regenerate()`, in milliseconds. Nothing prolongs it:
     * neither `rolling`, `renew` and saving nor `maxAge`. Default: no limit.
     */
    absoluteMaxAge?: number | null;

    /** The share of `maxAge` below which `renew` sends the cookie again, between 0 and 1. Default 0.5. */
    renewThreshold?: number | null;

    /**
     * With `encrypt: 'sealed'` and `absoluteMaxAge`, for sessions in cookies: ends them on the server, so that a copied cookie
     * does not work after the logout. Default: none.
     */
    revocation?: Revocation | null;

    /** With a store: external keys are so many random bytes in base64url, 16 to 64; not used with `genid`. Default: a UUID. */
    idBytes?: number | null;

    /**
     * With a store: keeps sessions under the SHA-256 of their keys, so that the store tells no key that a cookie could carry.
     * Instances without it do not find them. Default false.
     */
    hashKeys?: boolean | null;
  }

  /**
   * Knows which sessions are over before their time: `Revocations` does, or an object of the app's own. A method that fails
   * or exceeds `storeTimeout` fails the request, or follows `onStoreError: 'readonly'`.
   */
  export interface Revocation {
    /** Anything truthy refuses the session. `id` is the session's own, kept for as long as it lives. */
    isRevoked(id: string, session: StoredSession): unknown;

    /** Refuse this id from now on; `untilMs`, in milliseconds since 1970, is when the last copy of the session ends by itself. */
    revoke(id: string, untilMs: number): unknown;

    /** A time in milliseconds since 1970: sessions that began before it are refused. Nothing: none is. */
    notBefore?(session: StoredSession): number | null | undefined | PromiseLike<number | null | undefined>;
  }

  export interface RevocationsOptions extends UserIndexOptions {
    /** Where entries are kept: a store of this package or the app's own, for this only. */
    store: SessionStore;
  }

  /** What was revoked, kept in a store that all workers and machines share (docs/revocation.md). */
  export class Revocations implements Revocation {
    constructor(options: RevocationsOptions);
    isRevoked(id: string): Promise<boolean>;
    revoke(id: string, untilMs: number): Promise<void>;
    notBefore(session: StoredSession): Promise<number | undefined>;
    /** Refuses all sessions of the user that began before now. */
    revokeUser(user: string | number): Promise<void>;
  }

  /** The id that `revocation` knows this request's session by; undefined without `revocation`, and of a session that was destroyed. */
  export function sessionId(ctx: any): string | undefined;

  /** How the cookie is protected, and its attributes. */
  export interface SessionCookieOptions {
    /**
     * True encrypts the cookie (AES-256-CBC) in place of signing it; Egg only. `'sealed'` encrypts and authenticates it
     * (XAES-256-GCM, docs/format.md). Default true in the Egg plugin.
     */
    encrypt?: boolean | 'sealed' | null;

    /** With `encrypt: 'sealed'`: whether cookies of the older formats, which can be forged, are still read. Default true. */
    acceptLegacy?: boolean | null;

    /**
     * With `encrypt: 'sealed'`: how many cookies a session may take, 2 to 8, where it is too large for one (docs/format.md).
     * Two are as much as nginx takes by default, and three as much as Node. Default: one, and a larger session is lost.
     */
    chunks?: number | null;

    /**
     * Signs the cookie in a second cookie `NAME.sig` (Egg: HMAC-SHA256; Koa: HMAC-SHA1, by keygrip); without effect where
     * `encrypt` is on. Default true.
     */
    signed?: boolean | null;

    /** Keeps the cookie away from scripts in the browser. Default true. */
    httpOnly?: boolean | null;

    /** Replaces a cookie of this name that the response already sets. Default true. */
    overwrite?: boolean | null;

    /** Sends the cookie over HTTPS only; true over plain HTTP is an error. Default: as the request came in. */
    secure?: boolean | null;

    /** Whether the cookie goes along with requests from other sites. Default: the attribute is not sent. */
    sameSite?: 'strict' | 'lax' | 'none' | 'Strict' | 'Lax' | 'None' | boolean | null;

    /** Path below which the cookie is sent. Default `'/'`. */
    path?: string | null;

    /** Domain that the cookie is sent to. Default: this host only. */
    domain?: string | (() => string) | null;

    /** Which cookies a browser drops last. Default: the attribute is not sent. */
    priority?: 'low' | 'medium' | 'high' | 'LOW' | 'MEDIUM' | 'HIGH' | null;

    /** Keeps the cookie apart for each embedding site (CHIPS); needs `secure` and `sameSite: 'none'`. Default false. */
    partitioned?: boolean | null;

    /** With `partitioned`: expires the cookie of the same name that is not. Egg only. Default false. */
    removeUnpartitioned?: boolean | null;

    /** Sets a `secure` cookie over plain HTTP without an error. Egg 4 only. Default false. */
    ignoreSecureError?: boolean | null;
  }

  /** Which requests Egg's `match` and `ignore` mean: the beginning of a path, an expression that it fits, a function, or several. */
  export type RequestPattern<Ctx = any> = string | RegExp | ((ctx: Ctx) => boolean) | Array<string | RegExp | ((ctx: Ctx) => boolean)>;

  /** `config.session` of the Egg plugin. */
  export interface SessionConfig<Ctx = any> extends SessionOptions<Ctx> {
    /** Egg's, as for any of its middleware: false turns it off. */
    enable?: boolean;

    /** Egg's: the requests that get a session. */
    match?: RequestPattern<Ctx>;

    /** Egg's: the requests that get none. */
    ignore?: RequestPattern<Ctx>;

    /** Whether the log lines of `session:expired` and `session:invalid` show the session's content. Default true. */
    logValue?: boolean | null;
  }

  /** What every session has beside its data. */
  export interface SessionBase {
    /** True in a session that was not loaded; else absent, in Egg 4 false. Never saved. */
    isNew?: boolean;

    /** How many keys of data there are. */
    readonly length: number;

    /** Whether there are any. */
    readonly populated: boolean;

    /** Lifetime for this response, in milliseconds or `'session'`. Setting it saves the session. */
    maxAge: MaxAge | null | undefined;

    /** With a store: the key under which the session is kept there. */
    readonly externalKey: string | undefined;

    /** The data: own enumerable keys that do not begin with `_`, without `isNew`. */
    toJSON(): Record<string, any>;

    /** Saves now, changed or not. */
    save(): Promise<void>;
    save(callback: (err?: unknown) => void): void;

    /**
     * Ends the old session in the store, or with `revocation` in every copy of its cookie, and goes on with the content in a new
     * one: do this at login. `absoluteMaxAge` begins anew.
     */
    regenerate(): Promise<void>;
    regenerate(callback: (err?: unknown) => void): void;

    /** Saves if there is a reason to: for `autoCommit: false`. */
    manuallyCommit(): Promise<void>;

    /** What the three above are made of. */
    commit(options?: { save?: boolean; regenerate?: boolean }): Promise<void>;
    commit(callback: (err?: unknown) => void): void;
    commit(options: { save?: boolean; regenerate?: boolean }, callback: (err?: unknown) => void): void;
  }

  /** `ctx.session` with any data. */
  export interface Session extends SessionBase {
    [name: string]: any;
  }

  /** `ctx.session` with data of a known shape: `TypedSession<{ userId?: string }>`. */
  export type TypedSession<Data extends object> = SessionBase & Data;

  /**
   * What the middleware adds to a context. In Koa: `new Koa<Koa.DefaultState, SessionContext>()`; in Egg 3, whose context
   * takes any key, `declare module 'egg' { interface Context extends SessionContext<MyData> {} }`. In Egg 4 declare
   * `session` alone, as a `TypedSession` (README, "TypeScript").
   */
  export interface SessionContext<Data extends object = Record<string, any>> {
    /** Null once it was destroyed. */
    get session(): (string extends keyof Data ? Session : TypedSession<Data>) | null;
    /** Null destroys the session, an object replaces its content. */
    set session(content: Data | null);

    /** This request's own copy of the options. */
    readonly sessionOptions: SessionOptions;
  }

  /** A session as it is kept: its data and when it ends. */
  export interface StoredSession {
    [name: string]: any;
    /** When it ends, in milliseconds since 1970; absent with `maxAge: 'session'`. */
    _expire?: number;
    /** The lifetime it was saved with, in milliseconds; absent with `maxAge: 'session'`. */
    _maxAge?: number;
    /** True with `maxAge: 'session'`. */
    _session?: boolean;
    /** With `absoluteMaxAge`, where the cookie is not sealed: when it began, in milliseconds since 1970. */
    _createdAt?: number;
  }

  /** Stores may be plain, async or, as in the days of co, made of generator functions. */
  export type StoreAnswer<Value> = Value | PromiseLike<Value> | Generator<any, Value, any>;

  export interface SessionStore<Ctx = any> {
    /** Anything falsy means: there is no such session. `maxAge` is the configured one. */
    get(
      key: string,
      maxAge: MaxAge | null | undefined,
      options: { ctx: Ctx; rolling: boolean | null | undefined },
    ): StoreAnswer<object | null | undefined | void>;

    /** `maxAge` is ten seconds longer than the cookie's, in milliseconds, or `'session'`. */
    set(
      key: string,
      session: StoredSession,
      maxAge: MaxAge,
      options: { changed: boolean; ctx: Ctx; rolling: boolean | null | undefined },
    ): unknown;

    destroy(key: string, options: { ctx: Ctx }): unknown;
  }

  /**
   * A store that gives and takes a session's JSON text, which saves parsing and writing it a second time, and that may
   * replace a text only if nobody else did since: then no concurrent change is lost, and nothing destroyed comes back.
   */
  export interface CompareAndSetStore<Ctx = any> extends SessionStore<Ctx> {
    /** The text as it was set; nothing for a key that is unknown or expired. */
    getText(key: string, maxAge?: MaxAge | null, options?: { ctx?: Ctx; rolling?: boolean | null }): Promise<string | null | undefined>;

    setText(
      key: string,
      text: string,
      maxAge?: MaxAge,
      options?: { changed?: boolean; ctx?: Ctx; rolling?: boolean | null },
    ): Promise<void>;

    /** Replaces `expectedText` by `text`, or tells what is there instead. `expectedText` null: only if there is nothing. */
    compareAndSet(
      key: string,
      expectedText: string | null,
      text: string,
      maxAge?: MaxAge,
      options?: { changed?: boolean; ctx?: Ctx; rolling?: boolean | null },
    ): Promise<{ status: 'done' } | { status: 'conflict'; text: string } | { status: 'gone' }>;
  }

  /** Options that every store of this package has. */
  export interface StoreOptions {
    /** How long sessions of `maxAge: 'session'` are kept, in milliseconds. Default 86400000, one day. */
    defaultMaxAgeMs?: number | null;
  }

  /** Whose session it is, for `list` and `destroyAll`. */
  export interface UserIndexOptions {
    userOf?: ((session: any) => string | number | null | undefined) | null;
  }

  export interface ListedSession {
    key: string;
    session: any;
    /** Milliseconds since 1970. */
    expiresAt: number;
  }

  /** What `list` of SqliteStore gives; Redis does not keep these times. */
  export interface SqliteListedSession extends ListedSession {
    /** When the session was first written under this key, in milliseconds since 1970. */
    createdAt: number;
    /** When it was last written, likewise. */
    updatedAt: number;
  }

  /** The methods of the stores below as an app may call them itself: without `ctx`, which is the middleware's. */
  interface BuiltInStore {
    get(key: string, maxAge?: MaxAge | null, options?: { ctx?: any; rolling?: boolean | null }): Promise<any>;
    set(
      key: string,
      session: StoredSession,
      maxAge?: MaxAge | null,
      options?: { changed?: boolean; ctx?: any; rolling?: boolean | null },
    ): Promise<void>;
    destroy(key: string, options?: { ctx?: any }): Promise<void>;
  }

  export interface SqliteStoreOptions extends StoreOptions, UserIndexOptions {
    /** The database file; made where there is none. */
    path: string;
    /** What an acknowledged write survives: `'normal'` the death of the process, `'full'` a power cut too. Default `'normal'`. */
    synchronous?: 'normal' | 'full' | null;
    /** How long a call may wait for another process's lock, in milliseconds. Default 5000. */
    busyTimeoutMs?: number | null;
    /** How often expired sessions are deleted, in milliseconds; 0 for never. Default 60000. */
    sweepIntervalMs?: number | null;
    /** How many calls of a kind may wait. Default 10000. */
    maxPending?: number | null;
    /** How large the file may become, in bytes. Default: no limit. */
    maxFileBytes?: number | null;
    /** Gets errors of the background sweep. */
    onError?: ((error: Error) => void) | null;
  }

  /** Sessions in one SQLite file, for all processes of one machine (docs/sqlite.md). Native engine only. */
  export class SqliteStore implements CompareAndSetStore {
    constructor(options: SqliteStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
    list(query: { user: string | number; limit?: number }): Promise<SqliteListedSession[]>;
    count(): Promise<number>;
    destroyAll(query: { user: string | number }): Promise<number>;
    /** Deletes what has expired, and says how much. */
    sweep(): Promise<number>;
    close(): Promise<void>;
    /** Closes the store when the Egg app closes. */
    closeWith(app: any): this;
  }

  export interface RedisStoreOptions extends StoreOptions, UserIndexOptions {
    /** The app's own: `app.redis`, or any of ioredis and node-redis. */
    client: any;
    /** Put before each key. Default: none. */
    prefix?: string | null;
    /** How long a call may take, in milliseconds. Default 5000. */
    timeoutMs?: number | null;
  }

  /** Sessions in Redis, in the form of egg-session's README (docs/stores.md). */
  export class RedisStore implements CompareAndSetStore {
    constructor(options: RedisStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
    list(query: { user: string | number; limit?: number }): Promise<ListedSession[]>;
    destroyAll(query: { user: string | number }): Promise<number>;
  }

  export interface MemcachedStoreOptions extends StoreOptions {
    /** The app's own, of the npm package `memcached`. */
    client: any;
    prefix?: string | null;
    /** How long a call may take, in milliseconds. Default 5000. */
    timeoutMs?: number | null;
    /** How long a session's JSON may be, in bytes. Default 1000000. */
    maxValueBytes?: number | null;
  }

  /** Sessions in memcached (docs/stores.md). */
  export class MemcachedStore implements CompareAndSetStore {
    constructor(options: MemcachedStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
  }

  /** RFC 6902 operations that make `after` of `before`, two sessions as JSON text; null where `after` is no JSON. */
  export function diff(
    before: string,
    after: string,
  ): Array<{ op: 'add' | 'remove' | 'replace'; path: string; value?: any }> | null;

  /** Both changes of `base`; `conflicts` are JSON pointers (RFC 6901) to what both changed, where `mine` counts. */
  export function merge(base: string, mine: string, theirs: string): { text: string; conflicts: string[] };

  /** In Egg: `app.sessionStore = class { constructor(app) { … } … }`. */
  export type SessionStoreClass<App = any, Ctx = any> = new (app: App) => SessionStore<Ctx>;

  /**
   * What the Egg plugin does with `app.sessionStore = store`: makes the class, checks the methods, and turns generator
   * methods into async ones.
   */
  export function resolveStore(store: SessionStore | SessionStoreClass, app: any): SessionStore;

  export type ContextStoreClass<Ctx = any> = new (ctx: Ctx) => SessionStore<Ctx>;

  /** The events of `app.on(name, listener)`, and what their listeners get. */
  export interface SessionEvents<Ctx = any> {
    'session:missed': SessionEvent<Ctx>;
    'session:expired': SessionEvent<Ctx>;
    'session:invalid': SessionEvent<Ctx>;
    'session:changed': SessionPathsEvent<Ctx>;
    'session:conflict': SessionPathsEvent<Ctx>;
    'session:gone': SessionGoneEvent<Ctx>;
    'session:revoked': SessionRevokedEvent<Ctx>;
    'session:store_error': SessionStoreErrorEvent<Ctx>;
    'session:oversized': SessionOversizedEvent<Ctx>;
    'session:unsaved': SessionUnsavedEvent<Ctx>;
  }

  export type SessionEventName = keyof SessionEvents;

  /** What listeners of `app.on('session:missed' | 'session:expired' | 'session:invalid')` get. */
  export interface SessionEvent<Ctx = any> {
    /** The external key; undefined where sessions live in the cookie. */
    key: string | undefined;
    /** The session that was refused; falsy in `session:missed`. */
    value: any;
    ctx: Ctx;
  }

  /** What `session:changed` and `session:conflict` tell: where, not what. Computed only if somebody listens. */
  export interface SessionPathsEvent<Ctx = any> {
    key: string | undefined;
    /** JSON pointers (RFC 6901). In `session:conflict`: what two requests changed differently, and the later one won. */
    paths: string[];
    ctx: Ctx;
  }

  /** `session:gone`: another request destroyed the session while this one ran, so it was not saved. */
  export interface SessionGoneEvent<Ctx = any> {
    key: string;
    ctx: Ctx;
  }

  /** `session:revoked`: the cookie's session was revoked, so that a new one began. */
  export interface SessionRevokedEvent<Ctx = any> {
    ctx: Ctx;
  }

  /** `session:store_error`: a call of the store or of `revocation` failed, or `'commit'` dropped a change of a read-only session. */
  export interface SessionStoreErrorEvent<Ctx = any> {
    operation: 'get' | 'getText' | 'set' | 'setText' | 'compareAndSet' | 'destroy' | 'commit' | keyof Revocation;
    error: any;
    key: string | undefined;
    ctx: Ctx;
  }

  /** `session:oversized`: a cookie of which a browser ignores a part, or all, or that was not sent. It holds no value. */
  export interface SessionOversizedEvent<Ctx = any> {
    /** The cookie's name. */
    key: string;
    /** The attribute whose value is too large; absent where name and value of the cookie are. */
    attribute?: string;
    /** What it takes; with `chunks`, as if it were one cookie. */
    octets: number;
    /** What it may take. More than 4,096 is the limit of all `chunks`: then nothing was sent. */
    limit: number;
    /** `octets - limit`. */
    over: number;
    ctx: Ctx;
  }

  /** `session:unsaved`: the headers were sent before the session was saved or ended, so the browser keeps what it has. */
  export interface SessionUnsavedEvent<Ctx = any> {
    operation: 'save' | 'remove';
    /** The external key that does not reach the browser; undefined where sessions live in the cookie. */
    key: string | undefined;
    ctx: Ctx;
  }

  export type SessionErrorCode =
    | 'ERR_SESSION_OPTION' | 'ERR_SESSION_KEYS' | 'ERR_SESSION_ENGINE' | 'ERR_SESSION_MODE' | 'ERR_SESSION_ARGUMENT'
    | 'ERR_SESSION_SECURE_COOKIE'
    | 'ERR_SESSION_CONFLICT' | 'ERR_SESSION_READONLY' | `ERR_SESSION_STORE_${string}`;

  /** An app's mistake, or a store's failure. What a client sends never causes one. */
  export interface SessionError extends Error {
    code: SessionErrorCode;
    /** With `ERR_SESSION_OPTION`: the option's name. */
    option?: string;
  }

  /** How a cookie's value is protected. */
  export type SealMode = 'sealed' | 'encrypted' | 'signed' | 'plain';

  /** The app's keys, derived once. The first seals and signs, all of them open and verify. */
  export class Keyring {
    /** @throws {SessionError} with code `ERR_SESSION_KEYS` unless `keys` is an array of one or more non-empty strings */
    constructor(keys: readonly string[]);

    /** JSON text of the session in a cookie; null for anything that is not ours. `signature` is the value of `NAME.sig`. */
    open(mode: SealMode, name: string, value: string, signature?: string): { text: string; keyIndex: number } | null;
    /** As `open`, for values that are not base64 within: external keys and custom codecs. */
    openValue(mode: SealMode, name: string, value: string, signature?: string): { value: string; keyIndex: number } | null;

    /** The cookie for a session's JSON text; `signature` in mode `'signed'` only. */
    seal(mode: SealMode, name: string, text: string): { value: string; signature?: string };
    sealValue(mode: SealMode, name: string, value: string): { value: string; signature?: string };

    /** A sealed token (docs/format.md) that may carry when it was made, until when it is valid, and an id. */
    sealSealed(
      name: string,
      text: string,
      meta?: { createdAtMs?: number; expiresAtMs?: number; id?: string },
    ): { value: string };
    openSealed(
      name: string,
      value: string,
      nowMs?: number,
    ): { text: string; keyIndex: number; createdAtMs?: number; expiresAtMs?: number; id?: string } | null;

    /** URL-safe base64 of the HMAC-SHA256 under the first key. */
    sign(data: string): string;
    /** Index of the key that made the signature, or -1. */
    verify(data: string, digest: string): number;

    encrypt(data: string | Buffer): Buffer;
    decrypt(data: Buffer): { value: Buffer; index: number } | false;
  }

  /** Which engine does the work here. */
  export const engine: {
    readonly name: 'native' | 'portable';
    /** Where the portable engine stands in for the native one: why. */
    readonly reason?: string;
  };
}

// @ts-ignore: Egg may be absent, and this is `any` then.
type EggContext = import('egg').Context;
// @ts-ignore: likewise
type EggApp = import('egg').Application;

// @ts-ignore: only Egg 4 declares it, and this is `any` elsewhere.
type Egg4Config = import('@eggjs/core').EggAppConfig['session'];

// Not `0 extends 1 & Egg4Config`: where the import above fails that is the compiler's error type, which it would hand on.
type EggConfig = string extends keyof Egg4Config
  ? createSession.SessionConfig<EggContext> & { key: string }
  : Egg4Config & Omit<createSession.SessionConfig<EggContext>, keyof Egg4Config>;

// Module `egg` is Egg 3's or Egg 4's, whichever is installed. Of Egg 4 this is the half for require(); egg.d.mts has the
// other. What is said of Egg 4 here is to be said there.
// @ts-ignore: Egg may be absent, and nothing is declared then.
declare module 'egg' {
  interface EggAppConfig {
    session: EggConfig;
  }

  // Egg 4 has no interface of this name, and declares `app.sessionStore` itself.
  interface EggApplication {
    /** External store: an object, or a class that is made with the app. Null goes back to cookies. */
    get sessionStore(): createSession.SessionStore<EggContext> | undefined;
    set sessionStore(
      store: createSession.SessionStore<EggContext> | createSession.SessionStoreClass<EggApp, EggContext> | null | undefined
    );
  }

  interface Application {
    // @ts-ignore: Egg 3 has it as a property (by `Omit`), Egg 4 as a method.
    on<Name extends createSession.SessionEventName>(
      event: Name,
      listener: (event: createSession.SessionEvents<EggContext>[Name]) => void,
    ): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;
  }
}

// Egg 4 knows `ctx.session` as `unknown`; this makes it what it is in Egg 3. An app's own type for it, declared on
// `Context` of `egg` or `@eggjs/core`, goes before.
// @ts-ignore: Egg 4 may be absent, and nothing is declared then.
declare module '@eggjs/koa' {
  interface Context {
    session: any;
  }
}

export = createSession;
