export * from './generated/abi/index.ts'
