// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '59e1b4a7d1733ebe47d2a864ae3c7603acc4b58ee288bfaa428c830ea4e6a9cc'
