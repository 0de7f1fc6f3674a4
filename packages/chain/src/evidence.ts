/**
 * What an owner does with private evidence: commit to it, show some of it, seal that for somebody. It needs no node, no chain and no gateway,
 * and nothing but what browsers have too; services import the main index, which has no key and no envelope.
 */
export * as Envelope from './Envelope.ts'
export * as Exhibit from './Exhibit.ts'
export * as Hpke from './Hpke.ts'
export * as PrivateTree from './PrivateTree.ts'
