// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '204d6bfb1a076626293ffea7c4888aa5f76716dd97d5d9899045270e97d4cd2b'
