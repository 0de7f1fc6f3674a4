// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '11019da5e0aa9e29ffecafde6c73c09889054d2f1ab0c9b9bb8476f7811676b0'
