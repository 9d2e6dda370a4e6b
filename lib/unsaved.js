'use strict';

/**
 * A session whose cookie comes too late: the headers of the response are out, and Koa drops any that is set now without a
 * word. The app is told.
 *
 * @param {import('./context_session')} contextSession
 * @param {'save' | 'remove'} operation
 * @returns {boolean} whether it is so
 */
function reportUnsaved(contextSession, operation) {
  const { ctx, externalKey: key } = contextSession;
  if (!ctx.headerSent) return false;
  contextSession.emit('unsaved', { operation, key, ctx });
  return true;
}

module.exports = { reportUnsaved };
