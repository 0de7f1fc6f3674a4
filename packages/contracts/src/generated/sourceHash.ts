// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'c6cc9287e67baf5c0eb02596f6000da8a472560921b79667665286d471ff54df'
