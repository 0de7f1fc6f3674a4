// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '637ebe0813a4c51dd5b63d9e48557a13cd30c8963cd5a633c2a639511e7b2960'
