/** What a liquidator did, as a terminal shows it. The liquidator here is a stand-in at the edge: it answers as the real one does. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

const account = `0x${'aa'.repeat(20)}`
const action = {
  ...{ id: '7', account, kind: 'reduce', status: 'mined', outcome: 'done', createdAt: 1_790_000_000, transaction: `0x${'bb'.repeat(32)}` },
  transactions: [],
  decision: {
    block: { number: '42' },
    verdict: { status: 'healthy', equity: '1234000000000000000000', maintenance: '1000000000000000000000' },
    prediction: { probability: 0.0625 },
  },
}
let server: Server
let asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.url?.includes('limit=0') ? { code: 'QUERY_INVALID', message: 'Not so.' } : { actions: [action] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

function run(...args: readonly string[]) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Cli.run(['liquidations', '--liquidator', url, ...args])
}

describe('plimsoll liquidations', () => {
  test('worked example: one line an action: margin, P, block, what came of it', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    expect(stdout).toBe(
      `     7  2026-09-21T14:13:20.000Z  reduce     ${account}  $1,234.00 of $1,000.00, P 6.25 %  block 42  done  0x${'bb'.repeat(32)}\n`,
    )
  })

  test('worked example: the document alone, of one account', async () => {
    asked = []
    const { stdout } = await run('--account', account, '--limit', '5', '--json')
    expect(JSON.parse(stdout)).toEqual({ actions: [action] })
    expect(asked).toEqual([`/actions?limit=5&account=${account}`])
  })

  test('error: what the liquidator says no to', async () => {
    const { code, stderr } = await run('--limit', '0')
    expect(code).toBe(1)
    expect(stderr).toContain('LIQUIDATOR_UNREADABLE')
    expect(stderr).toContain('Not so.')
  })
})
