// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'b29db862222ce08406765a7ca32495a069792e568fede8b35429f502acc577d3'
