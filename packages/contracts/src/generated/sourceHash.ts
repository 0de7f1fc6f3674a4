// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '584610b6e34edde224c31d3240a377c7f6d41dd99f2d4b673b140f4be0101904'
