// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'd254480c8a0314c15ce8ce1e4dd41d1511cd8f21bcaf9b2113714b7977b248d2'
