// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '7678eed5c9781e850b3c3733b288544bc19f0585e5a2ef2b61f7f46db5fc61a5'
