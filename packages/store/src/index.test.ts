import { expect, it } from 'vitest'
import * as store from './index.ts'

it('exports', () => {
  expect(Object.keys(store).sort()).toMatchInlineSnapshot(`
    [
      "Actions",
      "Audit",
      "BaseError",
      "Book",
      "Certificates",
      "Database",
      "Deadline",
      "DirectoryLock",
      "Embedded",
      "Events",
      "Evidence",
      "Finals",
      "Guards",
      "Leases",
      "Ledger",
      "LedgerErrors",
      "MarginCalls",
      "MarkDowns",
      "Migrations",
      "Nonces",
      "Observation",
      "Outbox",
      "Participants",
      "Releases",
      "Sessions",
      "Settlements",
      "Shares",
      "StorageErrors",
    ]
  `)
})
