/// <reference path="./egg.d.mts" />
/// <reference path="./koa-session.d.ts" />

/**
 * egg-session-native: sessions for Egg 2, 3 and 4 and for Koa 2 and 3, with the cookie work in Rust.
 *
 * - Egg plugin: an app imports nothing at run time. `import 'egg-session-native'` in one file adds types to `config.session`
 *   and `app.on('session:…')`, and in Egg 3 to `app.sessionStore`, which Egg 4 types itself.
 * - Koa, or without the plugin: `app.use(createSession({ encrypt: false }, app))`.
 *
 * These types compile without those of Egg and Koa.
 */

/**
 * Makes the session middleware, and defines `session` and `sessionOptions` on the app's contexts; with the option `as`, two members of
 * that name in their place (docs/several.md). The arguments may come in either order. A second call without `as` on one app keeps the
 * options of the first, with a warning.
 *
 * @throws {TypeError} if neither argument is an app (no code)
 * @throws {createSession.SessionError} ERR_SESSION_OPTION for an option that cannot work; `error.option` is its name. ERR_SESSION_KEYS for
 *   an option `keys` that cannot be used. With unusable `app.keys`, `app.callback()` and `app.listen()` throw ERR_SESSION_KEYS
 * @throws {assert.AssertionError} if `store`, `ContextStore` or `externalKey` lacks a method, as in koa-session
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
  /** The same function, as a named export. */
  export { createSession };

  /** Loads the session, awaits `next()`, saves the session. */
  export type SessionMiddleware = (ctx: any, next: () => Promise<any>) => Promise<void>;

  /** The members of an app that this package needs. */
  export interface AppLike {
    /** Adds a middleware. */
    use(...args: any[]): unknown;
    /** What every `ctx` inherits from. */
    context: object;
  }

  /** The context type of an app: Egg's, Koa's with its generics, or `any`. */
  export type ContextOf<App> =
    App extends { createAnonymousContext(...args: any[]): infer EggContext } ? EggContext
      : App extends { use(middleware: (ctx: infer KoaContext, ...args: any[]) => any): any } ? KoaContext
        : any;

  /** A lifetime in milliseconds, or `'session'`: until the browser closes. */
  export type MaxAge = number | 'session';

  /**
   * Lifetime, saving, and where sessions are kept. The app does not start (ERR_SESSION_OPTION) with a refused value, an unknown
   * word, or a number outside its range of whole numbers.
   *
   * An unknown option gives a warning at start, unless its name begins with `_`.
   *
   * `null` means "not set"; in `path`, `secure` and `domain`, "do not send the attribute". In Egg, `null` also replaces the
   * plugin's default: `encrypt: null` gives a signed cookie, which the user can read.
   */
  export interface SessionOptions<Ctx = any> extends SessionCookieOptions {
    /**
     * Name of the cookie. Default `'koa.sess'`; in the Egg plugin `'EGG_SESS'`. Refused: characters outside field-content (RFC
     * 7230, 3.2), 4,096 octets or more, `__Host-` and `__Secure-` without their attributes (RFC 6265bis, 4.1.3).
     */
    key?: string | null;

    /**
     * Name of the session's property on `ctx`, for a session beside `ctx.session` (docs/several.md). With `'adminSession'`, the options
     * are `ctx.adminSessionOptions`, events carry `as: 'adminSession'`, and the session's JSON carries `_as`. Default: `ctx.session`.
     * Refused: a name that ctx or another session has; the cookie name of another session; an encrypted or unsigned cookie without
     * `keys` that neither the app nor another session uses.
     */
    as?: string | null;

    /**
     * Lifetime of cookie and session in milliseconds, or `'session'`. Default 86400000 (one day). In Koa, always set `maxAge`:
     * without it, the first cookie of a session ends with the browser, as in koa-session. Text of digits becomes a number. Refused:
     * below 0, NaN, Infinity, other text.
     */
    maxAge?: MaxAge | null;

    /** @deprecated Old spelling of `maxAge`, read if `maxAge` is absent. The Egg plugin always sets `maxAge`. */
    maxage?: MaxAge | null;

    /**
     * Saves the session and sends its cookie with every response, so `maxAge` counts from the last request. Default false.
     * Without a store or `revocation`, only requests that use `ctx.session` count. An empty new session is not sent.
     */
    rolling?: boolean | null;

    /** As `rolling`, but only when less than half of `maxAge` is left, or less than the share `renewThreshold`. Default false. */
    renew?: boolean | null;

    /** Saves at the end of the request. With false, call `ctx.session.manuallyCommit()`. Default true. */
    autoCommit?: boolean | null;

    /**
     * Saves when the headers of the response are written, for apps that answer by themselves (`ctx.respond = false`). With a store, the
     * cookie is sent before the store has answered. Default false: saves when the session middleware ends.
     */
    saveWithHeaders?: boolean | null;

    /** Koa: the answer to a request that fails keeps the session's cookie. Default true. Egg's error handler keeps all cookies. */
    cookieOnError?: boolean | null;

    /** Keeps sessions on the server; the cookie then holds only the external key. Default: the cookie holds the session. */
    store?: SessionStore<Ctx> | null;

    /** A store class with one instance for each request. Takes precedence over `store`. Default: none. */
    ContextStore?: ContextStoreClass<Ctx> | null;

    /**
     * With a store: carries the external key, for example in a header; no cookie is touched. If a method throws, the request fails.
     * Default: the cookie carries the key.
     */
    externalKey?: {
      /** Returns the key that the request brought, if any. */
      get(ctx: Ctx): string | null | undefined;
      /** Sends the key with the response. The key is never empty. */
      set(ctx: Ctx, key: string): void;
      /** Tells the client that the session has ended. Awaited. Not called for `regenerate()`: `set` gets the new key. */
      remove?: ((ctx: Ctx) => void | PromiseLike<void>) | null;
    } | null;

    /** With a store: returns a new external key, which must be impossible to guess. Default: a random UUID. */
    genid?: ((ctx: Ctx) => string) | null;

    /** With a store: text in front of a default key. Not used with `genid`. Default: none. */
    prefix?: string | null;

    /** Without a store: turns a session into the text that is encrypted or signed. Default: base64 of its JSON. */
    encode?: ((session: StoredSession) => string) | null;

    /**
     * Without a store: the inverse of `encode`. A SyntaxError starts a new session; any other error clears the cookie and fails
     * the request.
     */
    decode?: ((text: string) => any) | null;

    /**
     * Time limit for each call of the store or of `revocation`, in milliseconds; then the call fails with
     * ERR_SESSION_STORE_TIMEOUT. Default: no limit. Range: 1 to 2147483647.
     */
    storeTimeout?: number | null;

    /**
     * If the store cannot be read, `'throw'` fails the request; `'readonly'` starts it with an empty session that is never saved.
     * Default `'throw'`.
     */
    onStoreError?: 'throw' | 'readonly' | null;

    /**
     * How many cookies each worker remembers, from their second read on, so that later reads neither decrypt nor parse. Default
     * 1000, about 2 MB with sessions of 300 bytes. 0 remembers none. Range: 0 to 1,000,000.
     *
     * Each read still checks expiry, `valid` and signature. A change of `app.keys` clears the memory. Never remembered:
     * external keys, plain cookies, `chunks`, a custom `decode`, values over 4,096 characters, cookies that are not native.
     */
    rememberedCookies?: number | null;

    /**
     * False leaves the session's cookie to `ctx.cookies`, even where the engine could read and write it. The environment variable
     * `EGG_SESSION_NATIVE_COOKIES=0` does the same. Default true.
     */
    nativeCookies?: boolean | null;

    /**
     * A falsy answer refuses a loaded session. If no other cookie of the name is a live session, a new one begins, and
     * `session:invalid` is emitted. Default: none.
     */
    valid?: ((ctx: Ctx, session: StoredSession) => unknown) | null;

    /** Runs before every save, and may change the session. A TypeError if it sets `ctx.session` to null. Default: none. */
    beforeSave?: ((ctx: Ctx, session: Session) => void) | null;

    /**
     * Maximum age of a session, in milliseconds from its beginning or its last `regenerate()`. No save, `rolling`, `renew` or
     * `maxAge` extends it. Default: no limit. Range: 1 to 3153600000000 (100 years). Text of digits becomes a number.
     */
    absoluteMaxAge?: number | null;

    /** The share of `maxAge` below which `renew` sends the cookie. Default 0.5. Refused: 0 and below, 1 and above. */
    renewThreshold?: number | null;

    /**
     * Ends sessions in cookies on the server, so a copied cookie stops working at logout (docs/revocation.md). Default: none.
     * Refused: with a store; without `encrypt: 'sealed'` and `absoluteMaxAge`; a missing method.
     */
    revocation?: Revocation | null;

    /**
     * Keeps a record of each session of a user, for an account page (docs/sessions.md): a `SessionRegistry` of its own, with this
     * session's `store` or `revocation`. Default: none. Refused: another session's; with a ContextStore.
     */
    registry?: SessionRegistry | null;

    /** With a store: keys of this many random bytes in base64url, unless `genid` is set. Default: a UUID. Range: 16 to 64. */
    idBytes?: number | null;

    /**
     * With a store: gives it only the SHA-256 of each key, so a reader of the store learns no key that opens a session. Instances
     * without this option do not find these sessions. Default false.
     */
    hashKeys?: boolean | null;
  }

  /**
   * Knows which sessions are revoked: a `Revocations`, or an object of your own, whose methods may return promises. If a method
   * throws, rejects or exceeds `storeTimeout`, the request fails (fail closed), or follows `onStoreError: 'readonly'`.
   */
  export interface Revocation {
    /** A truthy answer refuses the session. A session keeps its id until `regenerate()`. */
    isRevoked(id: string, session: StoredSession): unknown;

    /** Refuses this id from now on. The last copy of the session expires at `untilMs`, in milliseconds since 1970. */
    revoke(id: string, untilMs: number): unknown;

    /** Returns milliseconds since 1970, or nothing. Sessions that began before this time are refused. */
    notBefore?(session: StoredSession, id: string): number | null | undefined | PromiseLike<number | null | undefined>;

    /** As `SessionStore#checkAccess`. */
    checkAccess?(): unknown;
  }

  /** Options of `Revocations`. */
  export interface RevocationsOptions extends UserIndexOptions {
    /** Keeps the entries and nothing else: a store of this package or your own. Required. */
    store: SessionStore;
  }

  /** The list of revoked sessions, in a store that all workers and machines share (docs/revocation.md). */
  export class Revocations implements Revocation {
    /** @throws {SessionError} ERR_SESSION_OPTION; an AssertionError if the store lacks a method */
    constructor(options: RevocationsOptions);
    /** True if the id was revoked. Rejects with the store's error. */
    isRevoked(id: string): Promise<boolean>;
    /**
     * Revokes the id until `untilMs`, in milliseconds since 1970. Rejects with the store's error, or with ERR_SESSION_CONFLICT if others
     * change the entry 200 times meanwhile.
     */
    revoke(id: string, untilMs: number): Promise<void>;
    /**
     * When the session's user was last logged out everywhere, in milliseconds since 1970; undefined if never. Rejects with the store's error.
     * @throws {SessionError} ERR_SESSION_ARGUMENT if `userOf` gives neither a string nor a number
     */
    notBefore(session: StoredSession, id?: string): Promise<number | undefined>;
    /**
     * Refuses all sessions of the user that began before now, except the session with the id `except`, as `sessionId(ctx)` gives it.
     * Rejects as `revoke` does.
     * @throws {SessionError} ERR_SESSION_ARGUMENT without `userOf`
     */
    revokeUser(user: string | number, options?: { except?: string | null }): Promise<void>;
    /** Asks the store, and rejects as its `checkAccess` does. */
    checkAccess(): Promise<void>;
    /** The time of the store's server, in ms since 1970; undefined if the store has no `serverTimeMs`. Rejects with the store's error. */
    serverTimeMs(id: string): Promise<number | undefined>;
  }

  /** Options of `SessionRegistry`. Numbers are whole. */
  export interface SessionRegistryOptions<Ctx = any> {
    /**
     * The session's store: a SqliteStore or RedisStore with `userOf`, or one of your own (`ListingStore`). Either this or `revocation`.
     */
    store?: ListingStore | null;

    /** The session's Revocations, with `userOf`, for sessions in cookies. Its store has to compare and set. */
    revocation?: Revocations | null;

    /**
     * A session that is only read is recorded as seen at most once in this time, in milliseconds. Default 300000 (5 minutes). Range: 0 to
     * 2147483647.
     */
    touchAfterMs?: number | null;

    /**
     * Names the device of a request, for instance by its user agent. Kept up to 100 characters, so escape it where you show it. If it
     * throws, there is no label, and one warning of the process. Default: none.
     */
    label?: ((ctx: Ctx) => string | null | undefined) | null;

    /**
     * What of the client's address (`ctx.ip`) is kept: `'none'`; `'network'`, the first 24 bits of IPv4 or 48 of IPv6; `'full'`; or what
     * the function returns, up to 64 characters. Default `'none'`.
     */
    address?: 'none' | 'network' | 'full' | ((ctx: Ctx) => string | null | undefined) | null;

    /** With `revocation`: how many sessions of a user are listed, those seen last. Default 100. Range: 1 to 1000. Refused with `store`. */
    maxSessions?: number | null;
  }

  /** A store that can list a user's sessions, as SqliteStore and RedisStore. Methods reject as those of `BuiltInStore` do. */
  export interface ListingStore extends CompareAndSetStore {
    /** Tells whose session it is. */
    readonly userOf: ((session: any) => string | number | null | undefined) | undefined;
    /** `withRecords`: each entry also has the session's `record`, if there is one (docs/sessions.md). `limit`: default 1000. */
    list(query: { user: string | number; limit?: number; withRecords?: boolean }): Promise<ListedSession[]>;
    /** Destroys the user's sessions, except the one with the key `except`. */
    destroyAll(query: { user: string | number; except?: string | null }): Promise<unknown>;
  }

  /** A session as its user may see it. Times are in milliseconds since 1970. */
  export interface UserSession {
    /** Names the session for `end`, also after `save()` and `regenerate()`. It opens nothing. */
    id: string;
    /** Since when the session is this user's. Undefined for one without a record, which an older instance may have written. */
    createdAt: number | undefined;
    /** When it was last seen, exact to `touchAfterMs`. Undefined without a record. */
    lastSeenAt: number | undefined;
    /** Infinity for a Redis key without expiry. */
    expiresAt: number;
    /** What `SessionRegistryOptions.label` returned. A client chooses its user agent: escape the label where you show it. */
    label: string | undefined;
    /** What `SessionRegistryOptions.address` keeps of the client's address. */
    address: string | undefined;
    /** True for the session of the request that was given as `ctx`. */
    current: boolean;
  }

  /**
   * The sessions of a user, for an account page (docs/sessions.md). It is the option `registry` of the session. Methods reject with the
   * store's errors, and with ERR_SESSION_ARGUMENT for a user that is neither a string nor a number, and for a `ctx` in which the session
   * middleware has not run.
   */
  export class SessionRegistry {
    /** @throws {SessionError} ERR_SESSION_OPTION */
    constructor(options: SessionRegistryOptions);
    /** The user's sessions: that of `ctx` first, then the latest seen. `limit`: default 1000 with a store. */
    list(user: string | number, options?: { ctx?: any; limit?: number }): Promise<UserSession[]>;
    /** Ends the user's session with this id. `id` may be anything. False if it is no session of this user; then nothing has ended. */
    end(user: string | number, id: unknown): Promise<boolean>;
    /** Ends all sessions of the request's user but this one, also those without a record. False if the request has no user. */
    endOthers(ctx: any): Promise<boolean>;
    /** Ends all sessions of the user, also those without a record. */
    endAll(user: string | number): Promise<void>;
    /** Asks the store. */
    checkAccess(): Promise<void>;
  }

  /**
   * The id of this request's session, as `revocation` gets it. Undefined without `revocation`, and after the session was set to null.
   * `as`: which session; default `ctx.session`. It throws what the option `decode` throws, and a TypeError if `ctx` is null or undefined.
   */
  export function sessionId(ctx: any, as?: string): string | undefined;

  /**
   * How the cookie is protected, and its attributes. In Egg, `config.cookies` fills in attributes that are not set here. Refused:
   * an attribute over 1,024 octets, which browsers ignore (RFC 6265bis, 5.6).
   */
  export interface SessionCookieOptions {
    /**
     * True encrypts the cookie (AES-256-CBC, not authenticated) instead of signing it, as egg-session does; Koa ignores true.
     * `'sealed'` encrypts and authenticates it (XAES-256-GCM, docs/format.md). Default true in the Egg plugin, false in Koa.
     */
    encrypt?: boolean | 'sealed' | null;

    /** Still reads older formats, whose encrypted cookies can be forged. Default true; false with `as`. Refused without `encrypt: 'sealed'`. */
    acceptLegacy?: boolean | null;

    /**
     * The session's own keys, newest first, in place of `app.keys`. Sealed cookies can always use them. Other formats can use them only
     * where cookies are native (docs/engine.md); elsewhere the error is ERR_SESSION_KEYS. Instances without these keys cannot read the
     * cookies. Default: `app.keys`. Refused (ERR_SESSION_KEYS): no key, an empty key, a Keygrip.
     */
    keys?: readonly (string | Uint8Array)[] | null;

    /**
     * How many cookies one session may take (docs/cookies.md). Two fit into nginx's default header limit (8 KB), three into Node's
     * (16 KB). Default: one; browsers drop more than 4,096 octets. Range: 2 to 8. Refused without `encrypt: 'sealed'`.
     */
    chunks?: number | null;

    /**
     * Signs the cookie in a second cookie `NAME.sig`. Egg: HMAC-SHA256, not used with `encrypt`. Koa: HMAC-SHA1 (keygrip), not
     * used with `encrypt: 'sealed'`. Default true.
     */
    signed?: boolean | null;

    /** Hides the cookie from scripts in the browser. Default true. */
    httpOnly?: boolean | null;

    /** Replaces a cookie of the same name that the response already sets. Default true. */
    overwrite?: boolean | null;

    /**
     * The browser sends the cookie over HTTPS only. With true, saving over plain HTTP fails (ERR_SESSION_SECURE_COOKIE); behind a
     * proxy that ends TLS, set `config.proxy` (Koa: `app.proxy`). Default: true for a request over HTTPS.
     */
    secure?: boolean | null;

    /** Whether requests from other sites carry the cookie. True means `'strict'`. Default: not sent. */
    sameSite?: 'strict' | 'lax' | 'none' | 'Strict' | 'Lax' | 'None' | boolean | null;

    /** Only requests below this path carry the cookie. Default `'/'`. Refused: no leading `/`. */
    path?: string | null;

    /** Host, with subdomains, that gets the cookie. Default: this host only. Refused: scheme, port, path, wildcard. */
    domain?: string | (() => string) | null;

    /**
     * Where the cookie was before its name, domain or path changed (docs/moving.md). When a session is written or ended, the old cookie
     * is expired. If no cookie of the current name opens, one under a former `key` is read. Default: none. Refused: the current place.
     */
    formerCookies?: readonly FormerCookie[] | null;

    /** Browsers evict cookies of high priority last. Default: not sent. */
    priority?: 'low' | 'medium' | 'high' | 'LOW' | 'MEDIUM' | 'HIGH' | null;

    /** Gives each embedding site its own cookie (CHIPS). Needs `secure` and `sameSite: 'none'`. Default false. */
    partitioned?: boolean | null;

    /** With `partitioned`: expires the cookie of the same name that is not partitioned. Egg only. Default false. */
    removeUnpartitioned?: boolean | null;

    /** Sets a `secure` cookie over plain HTTP without an error. Egg 4 only (@eggjs/cookies). Default false. */
    ignoreSecureError?: boolean | null;
  }

  /** A former place of the session's cookie. What you leave out has not changed. */
  export interface FormerCookie {
    /** Its name. */
    key?: string | null;
    /** Its path. */
    path?: string | null;
    /** Null: the cookie had no domain. */
    domain?: string | (() => string) | null;
  }

  /** Egg's `match` and `ignore`: the beginning of a path, a regular expression, a function, or an array of these. */
  export type RequestPattern<Ctx = any> = string | RegExp | ((ctx: Ctx) => boolean) | Array<string | RegExp | ((ctx: Ctx) => boolean)>;

  /** `config.session` of the Egg plugin. Egg reads `enable`, `match` and `ignore`, as for any middleware. */
  export interface SessionConfig<Ctx = any> extends SessionOptions<Ctx> {
    /** False turns the middleware off. Default true. */
    enable?: boolean;

    /** The requests that have a session. Default: all. */
    match?: RequestPattern<Ctx>;

    /** The requests that have no session. Default: none. */
    ignore?: RequestPattern<Ctx>;

    /** Shows the session's content in the log lines of `session:expired` and `session:invalid`. Default true. */
    logValue?: boolean | null;
  }

  /**
   * The type of Egg's `config.session`, from types of the Egg that is installed: its context, its own `config.session` if it is Egg 4
   * (else `any`), and its `EggPluginMeta` if it is Egg 4.1 (else `any`).
   */
  // In Egg 4.1, this repeats to the letter what @eggjs/session 5 makes of koa-session.d.ts. Anything else is TS2717.
  // Not `0 extends 1 & Egg4`: an import that fails has the compiler's error type, which would spread.
  export type EggSessionConfig<Ctx, Egg4, Egg41> = string extends keyof Egg4
    ? string extends keyof Egg41 ? SessionConfig<Ctx> & { key: string } : SessionConfig<Ctx> & { key: string } & { logValue: boolean }
    : Egg4 & Omit<SessionConfig<Ctx>, keyof Egg4>;

  /**
   * The members of `ctx.session` beside its data. Methods that save reject with ERR_SESSION_READONLY (`onStoreError`),
   * ERR_SESSION_CONFLICT, ERR_SESSION_SECURE_COOKIE, or an error of the store; `save` and `regenerate` also with ERR_SESSION_GONE if
   * the session was destroyed meanwhile. You need not await them: an event reports each rejection.
   */
  export interface SessionBase {
    /** True if nothing was loaded and no content was assigned. Otherwise absent; in Egg 4, false. Never saved. */
    isNew?: boolean;

    /** Number of data keys. */
    readonly length: number;

    /** True if there is any data. */
    readonly populated: boolean;

    /**
     * Lifetime for this response, in milliseconds or `'session'`. Setting it saves the session. A number below 0 ends it in
     * the browser. @throws {SessionError} ERR_SESSION_ARGUMENT for a value that is no lifetime
     */
    maxAge: MaxAge | null | undefined;

    /** Key of the session in the store. Undefined without a store. */
    readonly externalKey: string | undefined;

    /** Returns the data: own enumerable keys, except `isNew` and keys that begin with `_`. */
    toJSON(): Record<string, any>;

    /** Saves now, even an unchanged or empty session. */
    save(): Promise<void>;
    /** The same, with a callback. */
    save(callback: (err?: unknown) => void): void;

    /**
     * Continues the content in a new session with a new key. Call it at login. `absoluteMaxAge` begins again. With a store or
     * `revocation`, the old session ends; otherwise, copies of the old cookie keep working.
     */
    regenerate(): Promise<void>;
    /** The same, with a callback. */
    regenerate(callback: (err?: unknown) => void): void;

    /** Saves if the session has changed or must be prolonged. For `autoCommit: false`. */
    manuallyCommit(): Promise<void>;

    /** The general form of the three methods above. */
    commit(options?: CommitOptions): Promise<void>;
    /** The same, with a callback. */
    commit(callback: (err?: unknown) => void): void;
    /** The same, with a callback. */
    commit(options: CommitOptions, callback: (err?: unknown) => void): void;
  }

  /** What `commit` does. Without either option, it saves if there is a reason to. */
  export interface CommitOptions {
    /** As `save()`. */
    save?: boolean;
    /** As `regenerate()`. */
    regenerate?: boolean;
  }

  /** `ctx.session` with any data. */
  export interface Session extends SessionBase {
    [name: string]: any;
  }

  /** `ctx.session` with data of a known shape: `TypedSession<{ userId?: string }>`. */
  export type TypedSession<Data extends object> = SessionBase & Data;

  /**
   * The members that the middleware adds to a context. Koa: `new Koa<Koa.DefaultState, SessionContext>()`. Egg 3:
   * `declare module 'egg' { interface Context extends SessionContext<MyData> {} }`. Egg 4: declare only `session`, as a
   * `TypedSession` (docs/typescript.md). A session with the option `as` is declared in the same way (docs/several.md).
   */
  export interface SessionContext<Data extends object = Record<string, any>> {
    /** Set null to end the session (it then reads null), or an object to replace its content. Other values: Error, no code. */
    get session(): (string extends keyof Data ? Session : TypedSession<Data>) | null;
    /** Null ends the session. */
    set session(content: Data | null);

    /** This request's own copy of the options. */
    readonly sessionOptions: SessionOptions;
  }

  /** A session as a cookie or a store keeps it: its data, and its lifetime in koa-session's keys. */
  export interface StoredSession {
    [name: string]: any;
    /** End of the session, in milliseconds since 1970. Absent with `maxAge: 'session'`. */
    _expire?: number;
    /** Lifetime at the last save, in milliseconds. Absent with `maxAge: 'session'`. */
    _maxAge?: number;
    /** True with `maxAge: 'session'`. */
    _session?: boolean;
    /** With `absoluteMaxAge`, except in sealed cookies: beginning of the session, in milliseconds since 1970. */
    _createdAt?: number;
    /** Of a session with the option `as`: that name. */
    _as?: string;
  }

  /**
   * What a store method returns: a value or a promise. Generator functions (npm package `co`) work only in `app.sessionStore` and
   * `resolveStore`.
   */
  export type StoreAnswer<Value> = Value | PromiseLike<Value> | Generator<any, Value, any>;

  /** A store of your own (docs/own-store.md). If a method throws, the request fails, or follows `onStoreError`. */
  export interface SessionStore<Ctx = any> {
    /** Returns the session, or a falsy value for an unknown or expired key. `maxAge` is the configured one. */
    get(
      key: string,
      maxAge: MaxAge | null | undefined,
      options: { ctx: Ctx; rolling: boolean | null | undefined },
    ): StoreAnswer<object | null | undefined | void>;

    /**
     * Writes the whole session. `maxAge` is the cookie's lifetime plus ten seconds, in milliseconds, or `'session'`. `changed` is
     * false for `save()`, `regenerate()`, and if only the lifetime changes.
     */
    set(
      key: string,
      session: StoredSession,
      maxAge: MaxAge,
      options: { changed: boolean; ctx: Ctx; rolling: boolean | null | undefined },
    ): unknown;

    /**
     * Ends the session. An unknown key is no error. `text`, only for a `CompareAndSetStore`: what this request loaded. With it, the store
     * can keep another session that has begun under the key since (docs/store-guarantees.md, "Late writes").
     */
    destroy(key: string, options: { ctx: Ctx; text?: string }): unknown;

    /**
     * Rejects with ERR_SESSION_STORE_FORBIDDEN or ERR_SESSION_OPTION if the store's server refuses what the store needs. Optional;
     * called once, at start (`createSession.checkAccess`). Any other error is a warning, and the next request asks again.
     * `keyPrefix`: what the sessions' keys begin with; null if only your `genid` knows.
     */
    checkAccess?(keyPrefix?: string | null): unknown;

    /**
     * The time of the store's server, in ms since 1970. Optional; `npx egg-session-native doctor` compares it with this machine's clock.
     * `key`: any; in a cluster it tells which server is asked.
     */
    serverTimeMs?(key: string): unknown;
  }

  /**
   * A store that takes JSON text, and can compare and set it atomically. With it, the middleware merges concurrent changes and
   * never brings a destroyed session back (docs/merge.md). A method that rejects fails the request, or follows `onStoreError`.
   */
  export interface CompareAndSetStore<Ctx = any> extends SessionStore<Ctx> {
    /**
     * Returns the text exactly as it was set, or a falsy value for an unknown or expired key. Texts of the middleware end with the
     * member `_rev`, before it `_record` with a `registry`; `get` and `list` of the built-in stores leave both out.
     */
    getText(key: string, maxAge?: MaxAge | null, options?: { ctx?: Ctx; rolling?: boolean | null }): Promise<string | null | undefined>;

    /** As `set`, for text. */
    setText(
      key: string,
      text: string,
      maxAge?: MaxAge,
      options?: { changed?: boolean; ctx?: Ctx; rolling?: boolean | null },
    ): Promise<void>;

    /**
     * If the current text is `expectedText`, replaces it by `text` (`done`). Otherwise changes nothing, and returns the current
     * text (`conflict`), or `gone` for an unknown or expired key. With null, it writes only if the key is unused; after `gone` for null
     * the middleware calls `setText`.
     */
    compareAndSet(
      key: string,
      expectedText: string | null,
      text: string,
      maxAge?: MaxAge,
      options?: { changed?: boolean; ctx?: Ctx; rolling?: boolean | null },
    ): Promise<CompareAndSetResult>;
  }

  /** The answer of `compareAndSet`. */
  export type CompareAndSetResult = CompareAndSetDone | CompareAndSetConflict | CompareAndSetGone;

  /** The text was written. */
  export interface CompareAndSetDone {
    /** Tells the three answers apart. */
    status: 'done';
  }

  /** Another text is there, and stays. */
  export interface CompareAndSetConflict {
    /** Tells the three answers apart. */
    status: 'conflict';
    /** The current text, exactly as it was set. */
    text: string;
  }

  /** Nothing is there, and nothing was written. */
  export interface CompareAndSetGone {
    /** Tells the three answers apart. */
    status: 'gone';
  }

  /** Options of every built-in store. Numbers are whole. An unknown option is refused too (ERR_SESSION_OPTION). */
  export interface StoreOptions {
    /** Lifetime of sessions with `maxAge: 'session'`, in milliseconds. Default 86400000 (one day). Range: from 1. */
    defaultMaxAgeMs?: number | null;
    /**
     * How much memory calls without an answer may hold, in bytes (ERR_SESSION_STORE_BUSY). In SqliteStore, writes and reads each have
     * this limit. Default 67108864 (64 MiB). Range: from 1024.
     */
    maxPendingBytes?: number | null;
  }

  /** Tells which user a session belongs to. */
  export interface UserIndexOptions {
    /** Returns the user, or nothing. Without it, `list`, `destroyAll` and `revokeUser` reject (ERR_SESSION_ARGUMENT). */
    userOf?: ((session: any) => string | number | null | undefined) | null;
  }

  /** An entry of `list`. Show the key to nobody: it may open the session. */
  export interface ListedSession {
    /** Key in the store; with `hashKeys`, the hash. */
    key: string;
    /** The session as it is stored: a `StoredSession`, which has `_expire` and `_maxAge` too. */
    session: any;
    /**
     * When the store forgets the session, in milliseconds since 1970: ten seconds after `session._expire`. Infinity for a Redis key
     * without expiry.
     */
    expiresAt: number;
    /** Only with `withRecords`. */
    record?: SessionRecord;
  }

  /** What a `SessionRegistry` knows of a session in a store. */
  export interface SessionRecord {
    /** The public id. */
    id: string;
    /** Since when the session is its user's, in milliseconds since 1970; 0 if nobody knows. */
    beganAtMs: number;
    /** When it was last seen, in milliseconds since 1970. */
    seenAtMs: number;
    /** The device. */
    label?: string;
    /** The client's address, as far as it is kept. */
    address?: string;
  }

  /** An entry of `SqliteStore#list`. */
  export interface SqliteListedSession extends ListedSession {
    /** First write under this key, in milliseconds since 1970. */
    createdAt: number;
    /** Last write, in milliseconds since 1970. */
    updatedAt: number;
  }

  /**
   * Methods of the built-in stores, where `ctx` is optional. All methods of these stores reject with ERR_SESSION_STORE_…
   * (docs/troubleshooting.md), and with ERR_SESSION_ARGUMENT for an argument of the wrong type.
   */
  export interface BuiltInStore {
    /** The session as it is stored, with `_expire` and `_maxAge`; undefined for an unknown or expired key. */
    get(key: string, maxAge?: MaxAge | null, options?: { ctx?: any; rolling?: boolean | null }): Promise<any>;
    /** `maxAge` is in milliseconds; `'session'` or nothing means `defaultMaxAgeMs`. */
    set(
      key: string,
      session: StoredSession,
      maxAge?: MaxAge | null,
      options?: { changed?: boolean; ctx?: any; rolling?: boolean | null },
    ): Promise<void>;
    /** Leaves a tombstone for an hour, so that no write that arrives late brings the session back. `text`: as `getText` gave it. */
    destroy(key: string, options?: { ctx?: any; text?: string }): Promise<void>;
  }

  /** Options of `SqliteStore`. */
  export interface SqliteStoreOptions extends StoreOptions, UserIndexOptions {
    /** The database file. The store makes it, and its folder with the mode 0700. Required. Refused: `':memory:'`, `file:` URIs. */
    path: string;
    /** A confirmed write survives a crash of the process; with `'full'`, a power cut too. Default `'normal'`. */
    synchronous?: 'normal' | 'full' | null;
    /** How long a call may wait for another process's lock, in milliseconds. Default 5000. Range: 0 to 2147483647. */
    busyTimeoutMs?: number | null;
    /** How often expired sessions are deleted, in milliseconds; 0: never. Default 60000. Range: 0 to 2147483647. */
    sweepIntervalMs?: number | null;
    /** How many reads, and how many writes, may wait (ERR_SESSION_STORE_BUSY). Default 10000. Range: 1 to 1,000,000. */
    maxPending?: number | null;
    /** Size limit of the file without its log, in bytes. Default: no limit. Range: from 65536. */
    maxFileBytes?: number | null;
    /** Gets errors of the deletion of expired sessions, which runs in the background. Default: `process.emitWarning`. */
    onError?: ((error: Error) => void) | null;
  }

  /**
   * Sessions in one SQLite file, for all processes of one machine (docs/sqlite.md). Native engine only. Methods reject as those of
   * `BuiltInStore` do.
   */
  export class SqliteStore implements ListingStore {
    /** @throws {SessionError} ERR_SESSION_OPTION; ERR_SESSION_STORE_… for a bad file; ERR_SESSION_ENGINE without the binary */
    constructor(options: SqliteStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
    readonly userOf: ListingStore['userOf'];
    /** The user's sessions, last written first. `limit`: default 1000. */
    list(query: { user: string | number; limit?: number; withRecords?: boolean }): Promise<SqliteListedSession[]>;
    /** Number of sessions of all users. */
    count(): Promise<number>;
    /** Destroys the user's sessions, except the one with the key `except`, and returns their number. */
    destroyAll(query: { user: string | number; except?: string | null }): Promise<number>;
    /** Deletes expired sessions now and returns their number. */
    sweep(): Promise<number>;
    /** Finishes waiting calls and closes the file. Later calls reject (ERR_SESSION_STORE_CLOSED). */
    close(): Promise<void>;
    /** Closes the store when the Egg app closes. @throws {SessionError} ERR_SESSION_ARGUMENT without `app.beforeClose` */
    closeWith(app: any): this;
  }

  /** Options of `RedisStore`. */
  export interface RedisStoreOptions extends StoreOptions, UserIndexOptions {
    /** Your client of ioredis (`app.redis`) or node-redis. The store never closes it. Required. */
    client: any;
    /** Text in front of each key. Default: none. */
    prefix?: string | null;
    /** Time limit of one command, in milliseconds. Default 5000. Range: 1 to 2147483647. */
    timeoutMs?: number | null;
  }

  /**
   * Sessions in Redis 5 or newer, in the format of the store in egg-session's README (docs/redis.md). Methods reject as those of
   * `BuiltInStore` do.
   */
  export class RedisStore implements ListingStore {
    /** @throws {SessionError} ERR_SESSION_OPTION */
    constructor(options: RedisStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
    readonly userOf: ListingStore['userOf'];
    /** The user's sessions, latest end first. `limit`: default 1000. */
    list(query: { user: string | number; limit?: number; withRecords?: boolean }): Promise<ListedSession[]>;
    /** Destroys the user's sessions, except the one with the key `except`, and returns their number. */
    destroyAll(query: { user: string | number; except?: string | null }): Promise<number>;
    /**
     * Tries out whether Redis lets its user do what this store needs (docs/redis.md, "Permissions"). It changes nothing.
     * @throws {SessionError} ERR_SESSION_STORE_FORBIDDEN; ERR_SESSION_OPTION for a client that returns no promises
     */
    checkAccess(keyPrefix?: string | null): Promise<void>;
    /**
     * The time of Redis, in ms since 1970. `key`: any; in a cluster it tells which server is asked.
     * @throws {SessionError} ERR_SESSION_STORE_FORBIDDEN without the right to call TIME
     */
    serverTimeMs(key: string): Promise<number>;
  }

  /** Options of `MemcachedStore`. */
  export interface MemcachedStoreOptions extends StoreOptions {
    /** Your client of the npm package `memcached`, with the settings in docs/memcached.md. Required. */
    client: any;
    /** Text in front of each key. Default: none. */
    prefix?: string | null;
    /** Time limit of one command, in milliseconds. Default 5000. Range: 1 to 2147483647. */
    timeoutMs?: number | null;
    /** Size limit of a session's JSON, in bytes (ERR_SESSION_STORE_TOO_LARGE). Default 1000000. Range: 1 to 1 GiB. */
    maxValueBytes?: number | null;
  }

  /**
   * Sessions in memcached, a cache that may evict sessions (docs/memcached.md). Methods reject as those of `BuiltInStore` do; `destroy`
   * also with ERR_SESSION_CONFLICT if others change the session 200 times meanwhile.
   */
  export class MemcachedStore implements CompareAndSetStore {
    /** @throws {SessionError} ERR_SESSION_OPTION */
    constructor(options: MemcachedStoreOptions);
    get: BuiltInStore['get'];
    set: BuiltInStore['set'];
    destroy: BuiltInStore['destroy'];
    getText: CompareAndSetStore['getText'];
    setText: CompareAndSetStore['setText'];
    compareAndSet: CompareAndSetStore['compareAndSet'];
    /** Asks for a key that is not in use. @throws {SessionError} ERR_SESSION_OPTION for a client that takes no callbacks */
    checkAccess(): Promise<void>;
  }

  /**
   * The JSON Patch operations (RFC 6902) that turn `before` into `after`, two JSON texts; null if `after` is not JSON.
   * @throws {SessionError} ERR_SESSION_ARGUMENT if an argument is not a string
   */
  export function diff(
    before: string,
    after: string,
  ): PatchOperation[] | null;

  /** An operation of JSON Patch (RFC 6902). */
  export interface PatchOperation {
    /** What is done at `path`. */
    op: 'add' | 'remove' | 'replace';
    /** A JSON Pointer (RFC 6901). */
    path: string;
    /** The new value. Absent for `remove`. */
    value?: any;
  }

  /**
   * Merges two changes of `base`, all JSON texts, key by key (docs/merge.md).
   * @throws {SessionError} ERR_SESSION_ARGUMENT if an argument is not a string
   */
  export function merge(base: string, mine: string, theirs: string): Merged;

  /** What `merge` gives. */
  export interface Merged {
    /** The JSON text with both changes. */
    text: string;
    /** JSON Pointers (RFC 6901) to values that both sides changed differently. `mine` wins there. */
    conflicts: string[];
  }

  /** A store class for Egg: `app.sessionStore = class { constructor(app) { … } … }`. */
  export type SessionStoreClass<App = any, Ctx = any> = new (app: App) => SessionStore<Ctx>;

  /**
   * The work of `app.sessionStore = store` in Egg: makes an instance of a class, checks the methods, and replaces generator
   * methods by async ones.
   * @throws {assert.AssertionError} if `get`, `set` or `destroy` is missing
   */
  export function resolveStore(store: SessionStore | SessionStoreClass, app: any): SessionStore;

  /** A store class for the option `ContextStore`. */
  export type ContextStoreClass<Ctx = any> = new (ctx: Ctx) => SessionStore<Ctx>;

  /** The events of `app.on(name, listener)`, and the argument of their listeners. */
  export interface SessionEvents<Ctx = any> {
    /** The store has no session under the key. */
    'session:missed': SessionEvent<Ctx>;
    /** The session has ended. */
    'session:expired': SessionEvent<Ctx>;
    /** `valid` refused the session. */
    'session:invalid': SessionEvent<Ctx>;
    /** A change was saved. The changed paths are computed only if there is a listener. */
    'session:changed': SessionPathsEvent<Ctx>;
    /** Two requests changed one value differently. */
    'session:conflict': SessionPathsEvent<Ctx>;
    /** Another request destroyed the session meanwhile. */
    'session:gone': SessionGoneEvent<Ctx>;
    /** The cookie's session was revoked. */
    'session:revoked': SessionRevokedEvent<Ctx>;
    /** The store, `revocation` or `registry` failed. */
    'session:store_error': SessionStoreErrorEvent<Ctx>;
    /** The cookie is too large for browsers. */
    'session:oversized': SessionOversizedEvent<Ctx>;
    /** The headers were sent before the session was saved or ended. */
    'session:unsaved': SessionUnsavedEvent<Ctx>;
  }

  /** Tells which of the app's sessions an event is about. */
  export interface OfSession {
    /** The option `as` of the session. Absent for `ctx.session`. */
    as?: string;
  }

  /** The name of an event. */
  export type SessionEventName = keyof SessionEvents;

  /** A listener of an event. */
  export type SessionListener<Name extends SessionEventName, Ctx = any> = (event: SessionEvents<Ctx>[Name]) => void;

  /** `session:missed`: the key has no session. `session:expired`: it has ended. `session:invalid`: `valid` refused it. */
  export interface SessionEvent<Ctx = any> extends OfSession {
    /** The external key. Undefined without a store. */
    key: string | undefined;
    /** The refused session; falsy in `session:missed`. */
    value: any;
    /** The request's context. */
    ctx: Ctx;
  }

  /** `session:changed`: a change was saved. `session:conflict`: two requests changed one value differently. */
  export interface SessionPathsEvent<Ctx = any> extends OfSession {
    /** The external key. Undefined without a store. */
    key: string | undefined;
    /** JSON Pointers (RFC 6901) to these values, without the values. In a conflict, the later request wins. */
    paths: string[];
    /** The request's context. */
    ctx: Ctx;
  }

  /** `session:gone`: another request destroyed the session meanwhile, so this one did not save it. */
  export interface SessionGoneEvent<Ctx = any> extends OfSession {
    /** The external key. */
    key: string;
    /** The request's context. */
    ctx: Ctx;
  }

  /** `session:revoked`: the session in the cookie was revoked, so a new one began. */
  export interface SessionRevokedEvent<Ctx = any> extends OfSession {
    /** The request's context. */
    ctx: Ctx;
  }

  /**
   * `session:store_error`: a call of the store, of `revocation` or of `registry` failed, a change of a read-only session was dropped, or
   * `save()` failed.
   */
  export interface SessionStoreErrorEvent<Ctx = any> extends OfSession {
    /**
     * The method that failed. `'commit'`: a change was dropped, or a `save()` failed without a failed call of the store. `'record'`,
     * `'forget'`: a SessionRegistry with `revocation` could not write its list.
     */
    operation: 'get' | 'getText' | 'set' | 'setText' | 'compareAndSet' | 'destroy' | 'commit' | keyof Revocation | 'record' | 'forget';
    /** What it threw, or rejected with. */
    error: any;
    /** Undefined for a dropped change, for `revocation`, for `registry` and without a store. */
    key: string | undefined;
    /** The request's context. */
    ctx: Ctx;
  }

  /** `session:oversized`: browsers ignore this cookie or one attribute, or the cookie was not sent. The event has no cookie value. */
  export interface SessionOversizedEvent<Ctx = any> extends OfSession {
    /** The cookie's name. */
    key: string;
    /** The attribute that is too large. Absent if name and value together are too large. */
    attribute?: string;
    /** Size in octets; with `chunks`, the size that one cookie would have. */
    octets: number;
    /** Limit in octets: 4,096 for name and value, 1,024 for an attribute (RFC 6265bis, 5.6), or more for all `chunks`. */
    limit: number;
    /** `octets - limit`. */
    over: number;
    /** The request's context. */
    ctx: Ctx;
  }

  /**
   * `session:unsaved`: the headers were sent before the session was saved or ended, or an error handler dropped its cookie, so the
   * browser keeps the old one.
   */
  export interface SessionUnsavedEvent<Ctx = any> extends OfSession {
    /** What came too late. */
    operation: 'save' | 'remove';
    /** The external key that the browser does not get. Undefined without a store. */
    key: string | undefined;
    /** The request's context. */
    ctx: Ctx;
  }

  /** The channels of `node:diagnostics_channel` and their messages (docs/diagnostics.md). No message holds a key, a cookie, data or a user. */
  export interface SessionChannels {
    /** A live session was read. */
    'egg-session-native:open': OpenMessage;
    /** A session was saved: in the response's cookie, or in the store. */
    'egg-session-native:save': SaveMessage;
    /** `regenerate()` gave a session another key. */
    'egg-session-native:regenerate': SessionMessage;
    /** `ctx.session = null` was carried out. */
    'egg-session-native:end': SessionMessage;
    /** Two requests changed the same values differently. */
    'egg-session-native:conflict': ConflictMessage;
    /** Another request ended the session meanwhile. */
    'egg-session-native:gone': SessionMessage;
    /** `revocation` refused the cookie's session. */
    'egg-session-native:revoked': SessionMessage;
    /** Browsers drop this cookie or attribute. */
    'egg-session-native:oversized': OversizedMessage;
    /** A call begins. */
    'tracing:egg-session-native:store:start': StoreCallMessage;
    /** The method has returned. */
    'tracing:egg-session-native:store:end': StoreCallMessage;
    /** The call has ended. */
    'tracing:egg-session-native:store:asyncStart': StoreCallMessage;
    /** What waited for the call has gone on. */
    'tracing:egg-session-native:store:asyncEnd': StoreCallMessage;
    /** The call has failed. */
    'tracing:egg-session-native:store:error': StoreCallMessage;
  }

  /** What each message of a session says. */
  export interface SessionMessage {
    /** The session's property on ctx: the option `as`, or `'session'`. */
    as: string;
    /** True if the session is in a store, and false if its cookie holds it. */
    inStore: boolean;
  }

  /** Of `egg-session-native:open`. */
  export interface OpenMessage extends SessionMessage {
    /** How the cookie was protected; `'external-key'` if the option `externalKey` brought the key of the store. */
    format: SealMode | 'external-key';
    /** Index of the key that opened the cookie: 0 is the newest. Undefined where no key was needed, and where only `ctx.cookies` knows it. */
    keyIndex: number | undefined;
    /** True if the cookie had a name of `formerCookies`. */
    former: boolean;
  }

  /** Of `egg-session-native:save`. */
  export interface SaveMessage extends SessionMessage {
    /** True if the session began in this request. */
    isNew: boolean;
  }

  /** Of `egg-session-native:conflict`. */
  export interface ConflictMessage extends SessionMessage {
    /** How many values two requests had changed differently. */
    values: number;
  }

  /** Of `egg-session-native:oversized`. */
  export interface OversizedMessage extends Pick<SessionOversizedEvent, 'attribute' | 'octets' | 'limit'> {
    /** The session's property on ctx: the option `as`, or `'session'`. */
    as: string;
  }

  /** How a call failed, without the store's own error. */
  export interface StoreCallError extends Error {
    /** The code or name of the store's error. */
    code: string;
  }

  /** One object for all messages of a call. */
  export interface StoreCallMessage {
    /** The session's property on ctx: the option `as`, or `'session'`. */
    as: string;
    /** The method. */
    operation: Exclude<SessionStoreErrorEvent['operation'], 'commit'>;
    /** The name of the store's class, or of that of `revocation` or `registry`. */
    store: string;
    /** In milliseconds. Undefined until the call has ended. */
    durationMs: number | undefined;
    /** Set if the call failed: `code` is the code or name of the store's error, which may hold data itself. */
    error?: StoreCallError;
    /** Always undefined: what a store answers is not told. */
    result?: undefined;
  }

  /** The `code` of an error, for callers to match on. docs/troubleshooting.md explains each. */
  export type SessionErrorCode =
    | 'ERR_SESSION_OPTION' | 'ERR_SESSION_KEYS' | 'ERR_SESSION_ENGINE' | 'ERR_SESSION_MODE' | 'ERR_SESSION_ARGUMENT'
    | 'ERR_SESSION_SECURE_COOKIE'
    | 'ERR_SESSION_CONFLICT' | 'ERR_SESSION_GONE' | 'ERR_SESSION_READONLY' | `ERR_SESSION_STORE_${string}`;

  /** A mistake of the app, or a failure of a store. Hostile cookies cause no error. */
  export interface SessionError extends Error {
    /** For callers to match on. */
    code: SessionErrorCode;
    /** With `ERR_SESSION_OPTION`: the option's name. */
    option?: string;
    /** With `ERR_SESSION_STORE_FAILED` and `_FORBIDDEN`: a word such as `ECONNREFUSED` or `NOPERM`. */
    reason?: string;
    /** With `ERR_SESSION_STORE_FORBIDDEN`: the commands that Redis refuses, as far as it names them. */
    commands?: string[];
  }

  /** How a cookie's value is protected (docs/format.md). `signed` is Egg's format, `signed-sha1` is Koa's (keygrip 1.1). */
  export type SealMode = 'sealed' | 'encrypted' | 'signed' | 'signed-sha1' | 'plain';

  /**
   * The app's keys, derived once. The first key seals and signs; all keys open and verify. `name` is the cookie's name.
   * Methods throw ERR_SESSION_ARGUMENT for an argument of the wrong type, and ERR_SESSION_MODE for an unknown mode. They return
   * null, -1 or false for a value or signature that does not fit. `keyIndex` 0 is the current key.
   */
  export class Keyring {
    /** `keys`: newest first. @throws {SessionError} ERR_SESSION_KEYS unless they are one or more non-empty strings or Buffers */
    constructor(keys: readonly (string | Uint8Array)[]);

    /** Opens a session's cookie and returns its JSON text; null if no key opens it. `signature` is the value of `NAME.sig`. */
    open(mode: SealMode, name: string, value: string, signature?: string): OpenedText | null;
    /** As `open`, for values that are not base64 of JSON: external keys and custom codecs. */
    openValue(mode: SealMode, name: string, value: string, signature?: string): OpenedValue | null;

    /** Makes the cookie for a session's JSON text; `signature` only in a signed mode. */
    seal(mode: SealMode, name: string, text: string): SealedCookie;
    /** As `seal`, for the values of `openValue`. */
    sealValue(mode: SealMode, name: string, value: string): SealedCookie;

    /** Makes a sealed token (docs/format.md). Times are whole milliseconds since 1970; the id has 1 to 255 bytes in UTF-8. */
    sealSealed(
      name: string,
      text: string,
      meta?: TokenMeta,
    ): SealedToken;
    /** Opens a sealed token; null if no key opens it, or if it has expired at `nowMs`, in milliseconds since 1970 (default: now). */
    openSealed(
      name: string,
      value: string,
      nowMs?: number,
    ): OpenedToken | null;

    /** Returns the HMAC-SHA256 under the first key, in base64url without padding. */
    sign(data: string): string;
    /** Returns the index of the key that made the signature, or -1. */
    verify(data: string, digest: string): number;

    /** Returns the HMAC-SHA1 under the first key, in base64url without padding, as keygrip 1.1 signs in Koa. */
    signSha1(data: string): string;
    /** Returns the index of the key that made such a signature, or -1. */
    verifySha1(data: string, digest: string): number;

    /** AES-256-CBC under the first key, as in egg-cookies 2.10.1. Not authenticated. */
    encrypt(data: string | Buffer): Buffer;
    /** Decrypts with the first key whose padding fits, which can be a wrong key; false if none fits. */
    decrypt(data: Buffer): Decrypted | false;
  }

  /** A session's JSON text, as `Keyring#open` gives it. */
  export interface OpenedText {
    /** The session's JSON. */
    text: string;
    /** Index of the key that opened it; 0 is the current key. */
    keyIndex: number;
  }

  /** A value, as `Keyring#openValue` gives it. */
  export interface OpenedValue {
    /** What was sealed. */
    value: string;
    /** Index of the key that opened it; 0 is the current key. */
    keyIndex: number;
  }

  /** A cookie, as `Keyring#seal` makes it. */
  export interface SealedCookie {
    /** The cookie's value. */
    value: string;
    /** The value of the second cookie `NAME.sig`. Absent unless the mode is a signed one. */
    signature?: string;
  }

  /** A sealed token. */
  export interface SealedToken {
    /** The cookie's value. */
    value: string;
  }

  /** What a sealed token holds beside its text. */
  export interface TokenMeta {
    /** When the session began, in milliseconds since 1970. */
    createdAtMs?: number;
    /** When the token expires, in milliseconds since 1970. */
    expiresAtMs?: number;
    /** The session's id, for `revocation`. */
    id?: string;
  }

  /** A sealed token, as `Keyring#openSealed` gives it. */
  export interface OpenedToken extends OpenedText, TokenMeta {}

  /** Bytes, as `Keyring#decrypt` gives them. */
  export interface Decrypted {
    /** What was encrypted. */
    value: Buffer;
    /** Index of the key whose padding fits; 0 is the current key. */
    index: number;
  }

  /** How the sessions of an app are handled. */
  export interface SessionStatus {
    /** Who does the cookie work. */
    engine: {
      /** The Rust addon, or `node:crypto`. */
      name: 'native' | 'portable';
      /** Why the portable engine stands in for the native one; null if it does not. */
      reason: string | null;
    };
    /** How the session's cookie is read and written. */
    cookies: {
      /** True if the engine reads and writes the session's cookie, in place of `ctx.cookies`. */
      native: boolean;
      /** Whose formats `ctx.cookies` of the app has: Egg's or Koa's. Null before a request has shown it. */
      family: 'egg-cookies' | 'cookies' | null;
      /** The class of `ctx.cookies`: its package and version, else its name. */
      class: string | null;
      /** Why cookies are not native: an option, or what the class does differently. Null if they are. */
      reason: string | null;
    };
  }

  /**
   * Tells how the sessions of an app are handled. `as`: which session; default `ctx.session`.
   *
   * @throws {SessionError} ERR_SESSION_ARGUMENT for an app without this session
   */
  export function status(app: AppLike, as?: string): SessionStatus;

  /**
   * Asks the store and `revocation` of each of the app's sessions whether their server lets them do what they need. In Egg, the plugin does
   * so before the app is ready. In Koa, `createSession` does so in the background, and a problem is a process warning; await this function
   * to get an error instead. If a server cannot be reached, there is a warning, and the next request asks again.
   *
   * @throws {SessionError} ERR_SESSION_STORE_FORBIDDEN names what is refused; ERR_SESSION_OPTION for a client that cannot work;
   *   ERR_SESSION_ARGUMENT for an app without a session middleware of this package
   */
  export function checkAccess(app: AppLike): Promise<void>;

  /**
   * Reads the session of a Cookie header outside of a request: at a WebSocket's upgrade, in an HTTP server beside the app, in a worker
   * (docs/sockets.md). The rules are those of a request: formats, pieces, keys, `revocation`, the store, lifetimes, `valid`. Nothing is
   * written: no Set-Cookie, no save, no call of the store but `get`.
   *
   * @param req an `http.IncomingMessage`, a `Request` of fetch, or another object with `headers`: a plain object or `Headers`
   * @param options `as`: which of the app's sessions (docs/several.md); `ctx.session` by default
   * @returns the session's data as `toJSON()` gives it, deeply frozen; null without a session. What a client sends never throws
   * @throws {SessionError} ERR_SESSION_ARGUMENT for an app without a session middleware of this package, for a `req` without headers
   *   and for a `cookie` in them that is no text; and what the store or `revocation` throws, unless `onStoreError` is `'readonly'`: then the answer is null
   */
  export function readSession<Data extends object = Record<string, any>>(
    app: AppLike,
    req: { headers: Record<string, string | string[] | undefined> | FetchHeaders },
    options?: { as?: string },
  ): Promise<DeepReadonly<Data> | null>;

  /** What `readSession` needs of the `Headers` of fetch. Neither method throws in `Headers`. */
  export interface FetchHeaders {
    /** A header, by its name in any case. */
    get(name: string): string | null;
    /** Names and values of all headers. */
    entries(): Iterable<[string, string]>;
  }

  /** What `readSession` gives. */
  export type DeepReadonly<Data> = Data extends object ? { readonly [Key in keyof Data]: DeepReadonly<Data[Key]> } : Data;

  /** The engine in use. The environment variable `EGG_SESSION_ENGINE` forces one (docs/engine.md). */
  export const engine: {
    /** The Rust addon, or `node:crypto`, which gives the same bytes. */
    readonly name: 'native' | 'portable';
    /** Why the native engine did not load. Absent if the engine is native or was forced. */
    readonly reason?: string;
  };
}

// @ts-ignore: Egg may be absent; the type is `any` then.
type EggContext = import('egg').Context;
// @ts-ignore: likewise
type EggApp = import('egg').Application;

// @ts-ignore: only Egg 4 declares it; the type is `any` elsewhere.
type Egg4Config = import('@eggjs/core').EggAppConfig['session'];

// @ts-ignore: only Egg 4.1 exports it; the type is `any` elsewhere.
type Egg41Plugin = import('egg').EggPluginMeta;

// Module `egg` is Egg 3 or Egg 4, whichever is installed. For Egg 4, this file serves require(), and egg.d.mts serves import.
// A test holds both equal: __test__/package/types_twice.test.js.
// @ts-ignore: Egg may be absent; nothing is declared then.
declare module 'egg' {
  interface EggAppConfig {
    session: createSession.EggSessionConfig<EggContext, Egg4Config, Egg41Plugin>;
  }

  // Egg 4 has no interface of this name, and declares `app.sessionStore` itself.
  interface EggApplication {
    /** The store, or a store class that gets the app; null for cookies. A change takes effect with the next request. */
    get sessionStore(): createSession.SessionStore<EggContext> | undefined;
    set sessionStore(
      store: createSession.SessionStore<EggContext> | createSession.SessionStoreClass<EggApp, EggContext> | null | undefined
    );
  }

  interface Application {
    // @ts-ignore: Egg 3 has it as a property (by `Omit`), Egg 4 as a method.
    on<Name extends createSession.SessionEventName>(
      event: Name,
      listener: createSession.SessionListener<Name, EggContext>,
    ): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;
  }
}

// Egg 4 types `ctx.session` as `unknown`; here it becomes `any`, as in Egg 3. If an app declares its own type on `Context` of
// `egg` or `@eggjs/core`, that type takes precedence.
// @ts-ignore: Egg 4 may be absent; nothing is declared then.
declare module '@eggjs/koa' {
  interface Context {
    session: any;
  }
}

export = createSession;
