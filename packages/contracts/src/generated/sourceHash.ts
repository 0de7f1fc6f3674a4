// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'a749be186e48d59fca27dd14beb9f835e5064e2435ae32b8bc2f8ee496a286bc'
