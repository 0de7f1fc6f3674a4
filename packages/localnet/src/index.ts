export * as Anvil from './Anvil.ts'
