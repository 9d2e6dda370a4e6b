'use strict';

/** What one request knows of its session's entry. Exists only with a store. */
class StoreEntry {
  constructor() {
    /** In ms since 1970. */
    this.startedAtMs = Date.now();
    /** @type {string | undefined} what a store that compares and sets holds, with its revisions, as far as this request knows */
    this.storedText = undefined;
    /** @type {string | undefined} what this request's session came from or was saved as, without revisions: the base of a merge */
    this.sessionText = undefined;
    /** @type {string | undefined} the external key that the browser has, if it is a session's */
    this.browserKey = undefined;
    /** True from new content after `ctx.session = null` until that is saved: it is another session. */
    this.isReplaced = false;
    /** True after a destroy: a slow request must not find new content under the old key. */
    this.isKeySpent = false;
    /** @type {Promise<void> | undefined} the app's `externalKey.remove`, after it was called */
    this.endTold = undefined;
  }

  /**
   * @param {() => any} tell the app's `externalKey.remove`, which is called once for each end
   * @returns {Promise<void>}
   */
  tellEnd(tell) {
    if (this.endTold === undefined) {
      this.endTold = Promise.resolve(tell());
      // Whoever waits for it hears of a failure.
      this.endTold.catch(() => {});
    }
    return this.endTold;
  }

  /**
   * @param {string} key
   * @param {string | undefined} stored only of a store that compares and sets
   * @param {string | undefined} text the same without its revisions
   */
  loaded(key, stored, text) {
    this.browserKey = key;
    this.storedText = stored;
    this.sessionText = text;
  }

  /** The app has set the session to null and now assigns new content: that is another session. */
  replace() {
    this.isReplaced = true;
  }

  /** New content is on its way: it no longer replaces anything. */
  saving() {
    this.isReplaced = false;
    this.endTold = undefined;
  }

  /** @param {string} key the browser has it, so that nothing is lost if a later cookie does not arrive */
  browserHas(key) {
    this.browserKey = key;
  }

  /** The session has taken another external key. */
  keyTaken() {
    this.isKeySpent = false;
  }

  /** The entry was destroyed. Only a store that compares and sets can be met by a slow request there. */
  destroyed() {
    if (this.storedText !== undefined) this.isKeySpent = true;
    this.storedText = undefined;
    this.sessionText = undefined;
  }

  /** True if the entry has to be destroyed before other content is saved. */
  get mustBeLeft() {
    return this.isReplaced && this.storedText !== undefined;
  }
}

module.exports = StoreEntry;
