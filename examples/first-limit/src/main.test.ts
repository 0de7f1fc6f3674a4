import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the example of the README runs as it stands', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))])
  const { maxNotional, transaction } = JSON.parse(stdout) as { maxNotional: string; transaction: string }
  expect(BigInt(maxNotional)).toBeGreaterThan(10n ** 22n)
  expect(transaction).toMatch(/^0x[0-9a-f]{64}$/)
}, 120_000)
