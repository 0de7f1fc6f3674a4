// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = '821b0210c0872c7b78f1dd18653ed070ca3a9f19852da470719960101a1bff0d'
