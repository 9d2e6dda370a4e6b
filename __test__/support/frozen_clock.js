'use strict';

/**
 * Preload (`node --require`): `Date.now()` and `new Date()` stand still until somebody moves the clock, so that
 * `_expire` and `expires=` come out equal in two processes and expiry can be stepped. Timers are not touched.
 */

const RealDate = Date;
let nowMs = RealDate.UTC(2026, 0, 2, 3, 4, 5, 678);

class FrozenDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(nowMs);
    else super(...args);
  }

  static now() {
    return nowMs;
  }
}

// `Date()` called without `new` must still work for libraries that use it: only a Proxy lets a class be called
globalThis.Date = new Proxy(FrozenDate, {
  apply: () => new FrozenDate().toString(),
});

globalThis[Symbol.for('egg-session-native.test.clock')] = {
  set(ms) {
    nowMs = ms;
  },
};
