// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '47d1ce57fcc63335c6f5e46433d8d3361bd97a3840a51a55577f2f3dfaf81d4f'
