/** What a liquidator or a backstop does, and what its guards remember. */
import { sql } from 'drizzle-orm'
import { bigserial, check, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { usd, whole } from './Columns.ts'

/** What a liquidator decided, and what came of it: written before anything is sent. */
export const actions = pgTable(
  'actions',
  {
    id: bigserial({ mode: 'bigint' }).primaryKey(),
    chainId: whole().notNull(),
    venue: text().notNull(),
    account: text().notNull(),
    market: text().notNull(),
    kind: text().notNull(),
    sender: text().notNull(),
    /** Null where nothing is to be sent. */
    nonce: whole(),
    /** Inputs, verdict and plan, as one document. */
    decision: text().notNull(),
    decisionHash: text().notNull(),
    status: text().notNull(),
    outcome: text(),
    createdAt: whole().notNull(),
    transaction: text(),
    blockNumber: whole(),
    blockHash: text(),
    result: text(),
    endedAt: whole(),
  },
  (table) => [
    uniqueIndex('actions_nonce').on(table.chainId, table.sender, table.nonce),
    index('actions_open').on(table.chainId, table.sender).where(sql`status in ('pending', 'mined')`),
    index('actions_account').on(table.venue, table.account),
    check('actions_status', sql`status in ('pending', 'mined', 'final', 'dry') and (status = 'dry') = (nonce is null)`),
    check('actions_outcome', sql`outcome in ('done', 'reverted', 'lost') and status in ('mined', 'final') or outcome is null`),
  ],
)

/** The signed bytes of an action, first and replacements: one nonce, so that one of them at most has an effect. */
export const sends = pgTable(
  'sends',
  {
    hash: text().primaryKey(),
    actionId: whole()
      .notNull()
      .references(() => actions.id),
    raw: text().notNull(),
    maxFee: usd().notNull(),
    maxPriorityFee: usd().notNull(),
    createdAt: whole().notNull(),
  },
  (table) => [index('sends_action').on(table.actionId)],
)

/** What a guard remembers of a price between rounds, across restarts. */
export const guards = pgTable('guards', { name: text().primaryKey(), state: text().notNull(), at: whole().notNull() })
