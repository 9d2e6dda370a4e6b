'use strict';

const { dataKeys, sessionJSON, Session, storedJSON } = require('./session');
const { compareObjects, snapshot, DIFFERENT, SAME, UNSURE } = require('./snapshot');

/**
 * What a session was when it was loaded or last saved, to tell whether it has changed. The answer is exact
 * (koajs/session#131): two sessions are the same if their JSON texts are.
 */
class Baseline {
  /**
   * @param {any} pristine a snapshot of what was loaded
   * @param {string} [text] the session's data as JSON; given where there is no snapshot
   */
  constructor(pristine, text) {
    this._pristine = pristine;
    this._pristineKeys = pristine && dataKeys(pristine);
    this._text = text;
  }

  /**
   * @param {any} content what was loaded
   * @param {Session} session made of it
   */
  static ofLoaded(content, session) {
    const pristine = content !== null && typeof content === 'object' ? snapshot(content) : undefined;
    if (pristine === undefined || Array.isArray(pristine)) return new Baseline(undefined, JSON.stringify(sessionJSON(session)));
    return new Baseline(pristine);
  }

  /** The session's data as JSON. */
  get text() {
    if (this._text === undefined) this._text = JSON.stringify(storedJSON(this._pristine));
    return this._text;
  }

  /**
   * @param {any} session as it is now
   * @returns {1 | 2 | 3} SAME, DIFFERENT, or UNSURE: then the texts tell
   */
  compare(session) {
    if (!this._pristine || session.toJSON !== Session.prototype.toJSON) return UNSURE;
    return compareObjects(session, dataKeys(session), this._pristine, this._pristineKeys);
  }
}

module.exports = { Baseline, DIFFERENT, SAME, UNSURE };
