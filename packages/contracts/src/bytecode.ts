/** What is deployed. Kept apart from the ABIs, so that a page that only reads contracts does not carry it. */
export * from './generated/bytecode/index.ts'
