// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'b58969f30d74394ed17a5f2c5c12ca8a1e1edfa0e175daa780af3c90badb046c'
