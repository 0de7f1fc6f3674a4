// Written by scripts/build.ts from contracts/. Do not edit.
export const sourceHash = 'a2782786063bb21aecb4829798bb71b463e4aa2ff764ae8772a403cc38037a04'
