// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '82be9bccd08aaa7ce5fa8fa85fb1433906175bd94b016ea7b03a6acdbe452da5'
