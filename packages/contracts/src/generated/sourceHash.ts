// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '11a3223b2efa1103ae1027adabe5011fc92e567bee52b7664a33e7576546a6db'
