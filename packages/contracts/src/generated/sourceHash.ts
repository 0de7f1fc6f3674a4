// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '43372a3f66d28d416ae7975877356ac2ad5f09301933efa2583be1a231675c4a'
