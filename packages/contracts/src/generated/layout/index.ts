// Written by scripts/build.ts from contracts/. Do not edit.
export * from './CollateralVault.ts'
