// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'a1603be959ac7e2b61272614e80bac093e0fa7471b4f5f739b24cb8cf999bc31'
