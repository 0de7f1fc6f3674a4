// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '497297fb9f02602c6dd1e99a927dbd7192b235a454f4b6a6536f39485ab08ffe'
