'use strict';

/**
 * What a session was when it was loaded or last saved, to tell whether it has changed since. The answer is exact
 * (koajs/session#131): two sessions are the same if their JSON texts are.
 */

const { dataKeys, isData, sessionJSON, storedJSON } = require('./data');
const { LinklessSession, Session } = require('./session');
const { compareObjects, copyOfJSON, snapshot, DIFFERENT, UNSURE } = require('./snapshot');

// They have no keys of their own: a loop over one of them meets only what an app added to a prototype.
const inheriting = Object.create(Session.prototype);
const inheritingLinkless = Object.create(LinklessSession.prototype);

class Baseline {
  /**
   * @param {any} pristine a copy of the loaded content that is never changed
   * @param {string} [text] the session's data as JSON; needed if there is no copy
   * @param {string[]} [dataKeys] of `pristine`, if they are known
   */
  constructor(pristine, text, dataKeys) {
    this._pristine = pristine;
    this._text = text;
    this._dataKeys = dataKeys;
  }

  /**
   * @param {any} content what was loaded
   * @param {Session} session made of it
   * @param {boolean} isParsed the content came from `JSON.parse`
   */
  static ofLoaded(content, session, isParsed) {
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      const pristine = isParsed ? copyOfJSON(content) : snapshot(content);
      if (pristine !== undefined) return new Baseline(pristine, undefined);
    }
    return new Baseline(undefined, JSON.stringify(sessionJSON(session)));
  }

  /**
   * @param {any} json the session's data; a store may change this object
   * @param {Session} session
   */
  static ofSaved(json, session) {
    const pristine = session.toJSON === Session.prototype.toJSON ? snapshot(json) : undefined;
    return pristine === undefined ? new Baseline(undefined, JSON.stringify(json)) : new Baseline(pristine);
  }

  /** The session's data as JSON. */
  get text() {
    if (this._text === undefined) this._text = JSON.stringify(storedJSON(this._pristine));
    return this._text;
  }

  /**
   * @param {any} session as it is now
   * @returns {1 | 2 | 3} SAME, DIFFERENT, or UNSURE: then the texts decide
   */
  compare(session) {
    if (this._pristine === undefined || session.toJSON !== Session.prototype.toJSON) return UNSURE;
    const prototype = Object.getPrototypeOf(session);
    if (prototype !== Session.prototype && prototype !== LinklessSession.prototype) return UNSURE;
    for (const _inherited in prototype === Session.prototype ? inheriting : inheritingLinkless) return UNSURE;
    return compareObjects(session, this._pristine, this._dataKeys || dataKeys(this._pristine), 0, isData);
  }
}

module.exports = { Baseline, DIFFERENT, UNSURE };
