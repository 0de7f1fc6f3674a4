import { expect, test } from 'vitest'
import * as sdk from './index.ts'

test('exports', () => {
  expect(Object.keys(sdk).sort()).toMatchInlineSnapshot(`
    [
      "MarginError",
      "Verification",
      "createMarginClient",
      "endConsent",
      "http",
      "marginActions",
    ]
  `)
})
