import { expect, test } from 'vitest'
import * as api from './index.ts'

test('exports', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "BaseError",
      "Client",
      "Deployment",
      "Fault",
      "Forecasts",
      "Gather",
      "Limits",
      "OpenApi",
      "Wire",
      "createAppRouter",
      "toTRPCError",
    ]
  `)
})
