/** Who is one person, by what accounts, on what evidence; and who is signed in. */
import { sql } from 'drizzle-orm'
import { bigserial, check, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { usd, whole, zero } from './Columns.ts'

export const participants = pgTable('participants', {
  id: text().primaryKey(),
  createdAt: whole().notNull(),
  version: whole().notNull().default(zero),
  calledAt: whole(),
  calledCredit: usd(),
  /** Whom it has become part of. Such a participant is locked by nobody, and so is never changed again. */
  mergedInto: text(),
})

export const accounts = pgTable(
  'accounts',
  {
    id: bigserial({ mode: 'bigint' }).primaryKey(),
    account: text().notNull(),
    address: text().notNull(),
    chainId: whole().notNull(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    linkedAt: whole().notNull(),
    unlinkedAt: whole(),
    relinkAt: whole(),
  },
  (table) => [
    uniqueIndex('accounts_active').on(table.account).where(sql`unlinked_at is null`),
    index('accounts_participant').on(table.participantId),
    index('accounts_address').on(table.address),
  ],
)

/** What two accounts signed to be one participant's, for whoever checks it again. It stays when one of them leaves: others may have joined through it. */
export const ties = pgTable(
  'ties',
  {
    participantId: text()
      .notNull()
      .references(() => participants.id),
    one: text().notNull(),
    other: text().notNull(),
    /** The message and both signatures. */
    signed: text().notNull(),
    at: whole().notNull(),
  },
  (table) => [primaryKey({ columns: [table.participantId, table.one, table.other] })],
)

export const flags = pgTable('flags', { subject: text().notNull(), flag: text().notNull(), at: whole().notNull() }, (table) => [
  primaryKey({ columns: [table.subject, table.flag] }),
])

export const evidence = pgTable(
  'evidence',
  {
    scope: text().notNull(),
    nullifier: text().notNull(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    claim: text().notNull(),
    kind: text().notNull(),
    /** Where it can be looked up again: ids and addresses, never what it says of a person. */
    source: text().notNull(),
    createdAt: whole().notNull(),
    verifiedAt: whole().notNull(),
    validUntil: whole().notNull(),
    revokedAt: whole(),
    burnedAt: whole(),
  },
  (table) => [
    primaryKey({ columns: [table.scope, table.nullifier] }),
    index('evidence_participant').on(table.participantId),
    check('evidence_claim', sql`claim in ('uniqueHuman', 'legalRecourse')`),
  ],
)

export const nonces = pgTable('nonces', {
  nonce: text().primaryKey(),
  purpose: text().notNull(),
  subject: text(),
  expiresAt: whole().notNull(),
})

export const sessions = pgTable('sessions', {
  tokenHash: text().primaryKey(),
  participantId: text()
    .notNull()
    .references(() => participants.id),
  account: text().notNull(),
  createdAt: whole().notNull(),
  expiresAt: whole().notNull(),
})
