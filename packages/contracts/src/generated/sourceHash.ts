// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'de50a88a53170c0cd12254d22355901fb1f6ec3ad4b9e28689a3ff533e0de126'
