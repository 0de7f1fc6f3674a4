/** How the contracts are compiled, whatever is asked of the compiler. */
export const settings = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  remappings: ['@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/'],
}
