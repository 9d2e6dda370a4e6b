// For the type check of lib/: the built addon and the platform packages are not there, and co has no types.
declare module '*.node';
declare module 'egg-session-native-*';
declare module 'co';
