// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '8f3746781a50cee3d9789da5d6ab39e268a3e5ea0ef2125f720e295eb7daeb5a'
