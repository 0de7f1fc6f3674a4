// Written by scripts/build.ts from contracts/. Do not edit.
export * from './CollateralVault.ts'
export * from './ContractWallet.ts'
export * from './LimitBook.ts'
export * from './Multicall.ts'
export * from './PerpVenue.ts'
export * from './PriceFeed.ts'
export * from './TestToken.ts'
