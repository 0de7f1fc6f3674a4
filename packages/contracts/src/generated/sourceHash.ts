// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '095df31d2e34c467139c8e7fb8e7560d8a3a52ea3d01a7e36ac8854ab50d5b2b'
