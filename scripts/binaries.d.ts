// What `require` of a built addon gives, for the type check of lib/: the binary and the platform packages are not there.
declare module '*.node';
declare module 'egg-session-native-*';
