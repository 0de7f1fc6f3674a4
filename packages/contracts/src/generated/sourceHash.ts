// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '97a0314e391ee74fd318860ebea701aeefc667f57f2b5936d5d64bae011cb789'
