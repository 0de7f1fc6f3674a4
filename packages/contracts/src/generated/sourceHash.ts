// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '3c79f95ba5253709d84648c95455e5aa35eb11d95dac60f821cadf40b3dfe1f5'
