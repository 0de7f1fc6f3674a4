// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '6fa4a3075853fc8fbef532b245d4fbe12926b3f4abd5b53a20a5c51daa5c471e'
