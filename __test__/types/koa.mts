// The same from an ES module.
import Koa from 'koa';
import session, { createSession, engine, Keyring, type SessionOptions } from 'egg-session-native';

const app = new Koa();
const options: SessionOptions<Koa.Context> = { key: 'sess', valid: (ctx, value) => ctx.ip === value.ip };
app.use(session(options, app));
app.use(createSession(app, options));
export const ring: Keyring | string = engine.name === 'native' ? new Keyring(['key']) : engine.name;

// An app on its way from koa-session to this package has koa-session's exports beside ours, with our types.
import theirs, { createSession as named, type CreateSessionOptions } from 'koa-session';
const theirOptions: CreateSessionOptions = { key: 'old', rolling: true };
app.use(theirs(theirOptions, app));
app.use(named(app, theirOptions));
// @ts-expect-error no such option
theirs({ keyy: 'old' }, app);
