'use strict';

/**
 * What each session must hold, as far as answers were acknowledged.
 *
 * A session is written through slots: each has one writer, which numbers its attempts, so that any later value is known to be newer.
 * An answer 200 makes its attempt the least that anybody may see from then on. An attempt without one is in doubt: it may be seen
 * or not, at any later time, but never below a value that was acknowledged or seen after it. Account operations (login, logout,
 * regenerate) go one after the other; what overlaps with one is in doubt too.
 */

/**
 * @typedef {'lost update' | 'lost session' | 'revived' | 'undone by a late write' | 'other user' | 'mixed state'} Breach
 * @typedef {object} View what an answer tells of a session
 * @property {string} user
 * @property {string} life names the session, from login to logout
 * @property {Record<string, string>} slots `LIFE:NUMBER` each
 * @property {string} [role]
 */

/** Faults in which the server loses data excuse these. @type {Set<Breach>} */
const LOSSES = new Set(['lost update', 'lost session', 'revived', 'undone by a late write']);

/** One session, from its login to its logout. */
class Life {
  slots = new Map();
  /** The role's last acknowledged value; whether an attempt after it is in doubt. */
  role = { value: 'user', isInDoubt: false };
  isEnded = false;
  /** A logout or regenerate without an answer may still be carried out, at any time. */
  mayVanish = false;
  accountOperations = 0;
  accountEpoch = 0;
  history = [];

  /** @param {string} user @param {string} name @param {boolean} isMerged */
  constructor(user, name, isMerged) {
    Object.assign(this, { user, name, isMerged });
  }

  slot(name) {
    if (!this.slots.has(name)) this.slots.set(name, { floor: 0, attempted: 0 });
    return this.slots.get(name);
  }

  note(line) {
    this.history.push(line);
    if (this.history.length > 24) this.history.shift();
  }
}

class Ledger {
  acknowledged = 0;

  /** @param {(breach: Breach, details: string, life: Life) => void} report */
  constructor(report) {
    this.report = report;
  }

  /**
   * @param {string} user
   * @param {string} name never used before
   * @param {{ isMerged?: boolean }} [options] false for sessions in cookies, where the later of two answers at the same time wins
   */
  open(user, name, { isMerged = true } = {}) {
    return new Life(user, name, isMerged);
  }

  /** @param {Life} life @param {string} name of the slot @returns {string} the value that the writer attempts next */
  nextValue(life, name) {
    return `${life.name}:${++life.slot(name).attempted}`;
  }

  /**
   * A request sets out.
   * @param {Life} life
   * @param {{ isAccount?: boolean, isToggle?: boolean, slot?: string }} [what] slot: of the attempt that `nextValue` numbered
   */
  begin(life, { isAccount = false, isToggle = false, slot } = {}) {
    const ticket = {
      life, isAccount, isToggle, slot,
      attempt: slot === undefined ? 0 : life.slot(slot).attempted,
      floors: new Map([...life.slots].map(([name, { floor }]) => [name, floor])),
      role: { ...life.role },
      mayVanish: life.mayVanish,
      isShared: life.accountOperations > 0,
      epoch: life.accountEpoch,
    };
    if (isAccount) {
      life.accountOperations++;
      life.accountEpoch++;
    }
    if (isToggle) life.role.isInDoubt = true;
    return ticket;
  }

  /** Whether an account operation ran at the same time. @param {ReturnType<Ledger['begin']>} ticket */
  #overlaps({ life, isAccount, isShared, epoch }) {
    return isShared || life.accountEpoch !== epoch + (isAccount ? 1 : 0);
  }

  /** No answer, or one that is no 200: the attempt is in doubt. */
  inDoubt(ticket) {
    const { life, isAccount } = ticket;
    if (!isAccount) return;
    life.accountOperations--;
    life.mayVanish = true;
  }

  /**
   * @param {ReturnType<Ledger['begin']>} ticket
   * @param {View | null} view the session that the answer shows, as the request had loaded it or left it
   * @returns {'live' | 'gone' | 'strange'}
   */
  answered(ticket, view) {
    const { life, isAccount, slot, isToggle, attempt } = ticket;
    if (isAccount) life.accountOperations--;
    const isCertain = !this.#overlaps(ticket);
    if (view === null) {
      this.#checkPresence(ticket);
      return 'gone';
    }
    if (!this.#isOf(life, view)) return 'strange';
    for (const [name, { attempted }] of life.slots) this.#checkSlot(ticket, name, numberOf(view.slots[name]), attempted);
    if (isToggle) this.#toggled(ticket, view);
    else if (!isAccount && isCertain) this.#checkRole(ticket, view);
    this.acknowledged += slot !== undefined || isToggle || isAccount ? 1 : 0;
    // A request that began before the session moved or ended may have saved nothing: session:gone.
    if (slot !== undefined && isCertain) raise(life.slot(slot), attempt);
    return 'live';
  }

  /** A logout was acknowledged. @param {ReturnType<Ledger['begin']>} ticket @param {View | null} view what it found */
  ended(ticket, view) {
    const { life } = ticket;
    life.accountOperations--;
    if (view === null) this.#checkPresence(ticket);
    else this.#isOf(life, view);
    life.isEnded = true;
    this.acknowledged++;
  }

  /**
   * An old cookie was sent, after the logout or regenerate that ended it was acknowledged.
   * @param {Life} life
   * @param {View | null} view
   * @param {string} when
   */
  buried(life, view, when) {
    if (view === null) return;
    if (view.user !== life.user) this.#breach('other user', `${view.user} under a cookie of ${life.user} that had ended`, life);
    else this.#breach('revived', `${describe(view)} ${when}`, life);
  }

  /** There was no session. */
  #checkPresence(ticket) {
    const { life } = ticket;
    if (this.#overlaps(ticket) || ticket.mayVanish || life.mayVanish || life.isEnded) return;
    this.#breach('lost session', 'an empty session', life);
  }

  #isOf(life, view) {
    if (view.user !== life.user) {
      this.#breach('other user', `${view.user} in place of ${life.user}: ${describe(view)}`, life);
      return false;
    }
    const strange = [view.life, ...Object.values(view.slots).map(value => value.split(':')[0])].find(name => name !== life.name);
    if (strange === undefined) return true;
    this.#breach('mixed state', `${describe(view)} has something of ${strange}`, life);
    return false;
  }

  #checkSlot(ticket, name, seen, attempted) {
    const { life } = ticket;
    const floor = ticket.floors.get(name) || 0;
    if (seen < floor && life.isMerged) this.#breach('lost update', `slot ${name} shows ${seen}, after ${floor} had been acknowledged or seen`, life);
    else if (seen > attempted) this.#breach('mixed state', `slot ${name} shows ${seen}, and only ${attempted} was attempted`, life);
    // An answer shows what its own request is about to save, which is not yet certain.
    else if (name !== ticket.slot) raise(life.slot(name), seen);
  }

  #checkRole({ life, role }, view) {
    if (role.isInDoubt || life.role.isInDoubt || view.role === role.value) return;
    this.#breach('undone by a late write', `role ${view.role}, after ${role.value} had been acknowledged`, life);
    life.role = { value: view.role, isInDoubt: false };
  }

  #toggled({ life, role }, view) {
    const expected = role.value === 'user' ? 'admin' : 'user';
    if (!role.isInDoubt && view.role !== expected) {
      this.#breach('undone by a late write', `toggled to ${view.role}, after ${role.value} had been acknowledged`, life);
    }
    life.role = { value: view.role, isInDoubt: false };
  }

  #breach(breach, details, life) {
    this.report(breach, details, life);
  }
}

/** @param {string | undefined} value `LIFE:NUMBER` */
function numberOf(value) {
  return value === undefined ? 0 : Number(value.split(':')[1]);
}

function raise(slot, number) {
  slot.floor = Math.max(slot.floor, number);
}

/** @param {View} view */
function describe({ life, slots, role }) {
  return `session ${life} ${JSON.stringify(slots)}${role === undefined ? '' : ` ${role}`}`;
}

module.exports = { Ledger, LOSSES };
