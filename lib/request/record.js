'use strict';

/**
 * What a request does for the list of its user's sessions, where the option `registry` is set. With a store, each save carries the
 * session's record (store/record.js). A session in a cookie is recorded in the registry's own list when the request ends. A record
 * that says nothing newer is written at most once in `touchAfterMs`. None of this fails a request.
 */

const { addName, sessionJSON } = require('../session/data');
const { callRegistry, callRevocation, storeNameOf } = require('../store/calls');
const { BACKEND, publicIdOf, recordMember } = require('../store/record');
const { recordIn } = require('../store/revision');
const { touch } = require('../store/touch');
const { ONE_DAY_MS } = require('../engine/lifetime');

/**
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../session/session_life').SessionLife} SessionLife
 *
 * @typedef {object} Backend a registry's part for requests
 * @property {number} touchAfterMs
 * @property {(store: any, revocation: any) => boolean} serves whether it is about the sessions of this store or `revocation`
 * @property {(session: any) => string | undefined} userOf
 * @property {(ctx: any) => { label?: string, address?: string }} describe
 * @property {(ctx: any, current: Recorder) => void} enter
 * @property {(id: string) => boolean} isDue of sessions in cookies: false if this process has recorded it lately
 * @property {(change: any) => Promise<boolean>} record of sessions in cookies: false if the session was ended meanwhile
 * @property {(user: string, id: string) => Promise<void>} forget of sessions in cookies
 */

class Recorder {
  /**
   * @param {ContextSession} contextSession whose session was loaded
   * @param {Backend} backend
   */
  constructor(contextSession, backend) {
    this.contextSession = contextSession;
    this.backend = backend;
    this.loadedUser = this.user;
  }

  /** The user of the session as it is now; undefined without one. */
  get user() {
    const { session, opts } = this.contextSession;
    if (!session) return undefined;
    const json = { ...sessionJSON(session) };
    if (Object.keys(json).length === 0) return undefined;
    if (opts.as !== undefined) addName(json, opts.as);
    return this.backend.userOf(json);
  }
}

/** For a session in a store. */
class StoreRecorder extends Recorder {
  /** By which the store knows the session. */
  get name() {
    return storeNameOf(this.contextSession);
  }

  /** What `destroyAll` spares. */
  get except() {
    return this.contextSession.externalKey;
  }

  /**
   * @param {string | undefined} replaced the stored text of the same session
   * @returns {string} the member for the text that replaces it; '' for a session of no user
   */
  next(replaced) {
    const { user } = this;
    if (user === undefined) return '';
    const seenAtMs = Date.now();
    const continued = user === this.loadedUser ? replaced : undefined;
    const found = continued === undefined ? undefined : recordIn(continued);
    if (found !== undefined && !this.#isDue(found)) return recordMember(found);
    const id = found === undefined ? publicIdOf(/** @type {string} */ (this.name)) : found.id;
    // Nobody knows when a session without a record began, unless it begins now.
    const beganAtMs = found === undefined ? (continued === undefined ? seenAtMs : 0) : found.beganAtMs;
    return recordMember({ id, beganAtMs, seenAtMs, ...this.backend.describe(this.contextSession.ctx) });
  }

  /** @param {import('../store/record').SessionRecord} record */
  #isDue({ seenAtMs }) {
    return Date.now() - seenAtMs >= this.backend.touchAfterMs;
  }

  /** @returns {Promise<void>} */
  async end() {
    const { contextSession, loadedUser } = this;
    const { entry, isSaved, session } = contextSession;
    if (!session || isSaved || contextSession.inFlight || entry.storedText === undefined) return;
    if (loadedUser === undefined || this.user !== loadedUser) return;
    const record = recordIn(entry.storedText);
    if (record !== undefined && !this.#isDue(record)) return;
    await touch(contextSession, entry, this.next(entry.storedText));
  }
}

/** For a session in a cookie, with `revocation`. */
class CookieRecorder extends Recorder {
  /** True until the session is left for another one, but not by `regenerate()`. */
  #continues = true;

  /** @param {ContextSession} contextSession @param {Backend} backend */
  constructor(contextSession, backend) {
    super(contextSession, backend);
    this.loadedId = this.name;
    const { current: life } = contextSession.lives ?? {};
    this.loadedBorn = life !== undefined && life.isKnown ? life.createdAtMs : 0;
  }

  /** By which `revocation` knows the session. */
  get name() {
    const { lives } = this.contextSession;
    return lives && lives.current && lives.current.id;
  }

  /** What `revokeUser` spares. */
  get except() {
    return this.name;
  }

  /** @param {boolean} isMoved by `regenerate()` */
  left(isMoved) {
    if (!isMoved) this.#continues = false;
  }

  /** @returns {Promise<void>} */
  async end() {
    const { contextSession, backend, loadedUser, loadedId, user, name: id } = this;
    const { isEnded, isSaved, session } = contextSession;
    const isSame = this.#continues && user === loadedUser;
    if (loadedUser !== undefined && loadedId !== undefined && !isSame && (session ? isSaved : isEnded)) {
      await callRegistry(contextSession, backend, 'forget', loadedUser, loadedId);
    }
    if (!session || user === undefined || id === undefined || !(isSame || isSaved)) return;
    const isKnown = isSame && loadedId !== undefined;
    if (isKnown && id === loadedId && !backend.isDue(id)) return;
    const life = /** @type {SessionLife} */ (contextSession.lives && contextSession.lives.current);
    const change = {
      user, id, from: isKnown ? loadedId : undefined, fromBorn: this.loadedBorn, life, endsAtMs: this.#endsAtMs(life),
      ...backend.describe(contextSession.ctx),
    };
    const isLive = await callRegistry(contextSession, backend, 'record', change);
    // Somebody has ended the session while `regenerate()` gave it a new id.
    if (!isLive && id !== loadedId) await callRevocation(contextSession, 'revoke', id, life.endsAtMs);
  }

  /** @param {SessionLife} life */
  #endsAtMs({ endsAtMs }) {
    const { isBrowserSession, isSaved, opts, session } = this.contextSession;
    if (!isSaved) return Math.min(Number(session._expire) || endsAtMs, endsAtMs);
    return isBrowserSession ? endsAtMs : Math.min(Date.now() + Number(opts.maxAge || ONE_DAY_MS), endsAtMs);
  }
}

/**
 * Begins to record, when the session is loaded.
 *
 * @param {ContextSession} contextSession
 */
function beginRecord(contextSession) {
  const { ctx, opts, store, recorder: known } = contextSession;
  // A second middleware of the same session.
  if (known !== undefined) return;
  /** @type {Backend | undefined} */
  const backend = opts.registry[BACKEND];
  if (backend === undefined || !backend.serves(store, opts.revocation)) return;
  const recorder = store ? new StoreRecorder(contextSession, backend) : new CookieRecorder(contextSession, backend);
  contextSession.recorder = recorder;
  backend.enter(ctx, recorder);
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void>} never rejects: `session:store_error` has told what failed
 */
async function endRecord({ recorder }) {
  try {
    await recorder.end();
  } catch {
    // The session itself is saved. The next request tries to record it again.
  }
}

module.exports = { beginRecord, endRecord };
