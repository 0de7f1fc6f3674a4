export * as Anvil from './Anvil.ts'
export * as Deployment from './Deployment.ts'
export type * as Manifest from './Manifest.ts'
export * as Wallet from './Wallet.ts'
