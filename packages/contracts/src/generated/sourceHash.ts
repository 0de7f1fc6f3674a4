// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'fb744a818313178bd28fcecb258b9385c1c8948aee8576bc9c373225118ecf93'
