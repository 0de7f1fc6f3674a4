// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '241cedb09ffe1d52f50a6266bf010223ac0fd8c6ca2fd4356ee94d3f32420907'
