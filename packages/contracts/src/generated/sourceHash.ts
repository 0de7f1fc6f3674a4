// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '6e22de0e8fe76090da2f49431f4555e3ef005523a8cc64546caf8af749e02f85'
