// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'a0f76bc1b672b2dc5d2fab2db8a8250d7a99d57a9a680238111113b9d195ab0b'
