// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '722fd68ea0c407a1969a32b398d92ce49f56c8a2065c0ce36eca2d68d5a93cbc'
