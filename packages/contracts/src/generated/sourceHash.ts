// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'f8179a8b5eda3ec46af1562fc92b742f0f13cb9193784545f4420dca8bbe5813'
