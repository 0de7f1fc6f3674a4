import { expect, it } from 'vitest'
import * as store from './index.ts'

it('exports', () => {
  expect(Object.keys(store).sort()).toMatchInlineSnapshot(`
    [
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
      "Leases",
      "Ledger",
      "LedgerErrors",
      "MarginCalls",
      "Migrations",
      "Nonces",
      "Observation",
      "Outbox",
      "Participants",
      "Releases",
      "Sessions",
      "Settlements",
      "StorageErrors",
    ]
  `)
})
