// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '092f981ecc1ea163e23ad4a56d4dec1450098f3d5295b9fc63d08abff2a1407e'
