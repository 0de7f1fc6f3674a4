// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'ed1bbb48a1dd8fa40ffb7c8df40726c31824fdb54c9d1fcd5f96d00e89e5cc98'
