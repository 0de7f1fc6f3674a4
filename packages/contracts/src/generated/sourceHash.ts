// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'c02454f4ee56ceb2dde4e8a30e767488ce4c2ea654f2ebf3b44753d8e7f844cc'
