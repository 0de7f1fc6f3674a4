// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '706dd2aab293d6b84f2a9c2622b54b1c16389305574c2958f5cf51c15bf9ce66'
