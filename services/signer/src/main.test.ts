import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as Journal from './Journal.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const source = (id: string) => ({ id, operator: id, url: `http://${id}.example/` })
const deployment = {
  chains: [
    {
      ...{ chainId: 31_337_001, name: 'one', k: 2, timeoutMs: 100, local: true },
      ...{ finality: { tag: 'finalized', maxAgeSeconds: 1_500 }, sources: [source('a'), source('b'), source('c')] },
    },
  ],
  ...{ vaults: [], assets: [] },
  venues: [{ chainId: 31_337_001, address: address('1'), name: 'v', limitBook: address('2'), collateral: address('3'), fromBlock: '0' }],
  markets: [
    {
      ...{ symbol: 'ETH-PERP', feed: address('4'), initial: { kind: 'flat', ppm: 1 }, maintenance: { kind: 'flat', ppm: 1 } },
      ...{ liquidity: { kind: 'flat', ppm: 1 }, liquidationCostPpm: 1, caps: { side: '1', participant: '1' } },
      ...{ wrongWay: { longPpm: 0, shortPpm: 0 }, depth: '1', throughTheCycleSigmaPpm: 1 },
    },
  ],
  feeds: { chainId: 31_337_001, heartbeatSeconds: 60, deviationPpm: 1 },
  params: {
    ...{ betaPpm: 1, brakeMaxPpm: 1, floorPpm: 1, longCapPpm: 1, quantileFallPpmPerDay: 1, throughTheCycleMovePpmPerDay: 1 },
    ...{
      tierDiscountPpm: [0, 0, 0, 0],
      concentration: [{ upTo: null, weightPpm: 1_000_000 }],
      maxViewAgeSeconds: 1,
      maxPriceAgeSeconds: 1,
    },
    ...{ maxForecastAgeSeconds: 1, ttlSeconds: 1, closeOutSeconds: 1, liquidationSeconds: 1 },
  },
  tierCaps: ['1', '1', '1', '1'],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signer-main-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('main', () => {
  test('bug: a second signer by mistake took the file of the first before it saw that the port was taken', async () => {
    await using first = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => first.once('listening', resolve))
    const taken = first.address()
    const [config, path] = [join(folder, 'deployment.json'), join(folder, 'signed.jsonl')]
    writeFileSync(config, JSON.stringify(deployment))
    const memory = Journal.open(path, () => 1_000)
    const { ino } = statSync(path)
    const env = {
      ...{ PATH: process.env['PATH'], PORT: String(typeof taken === 'object' ? taken?.port : 0) },
      ...{ PLIMSOLL_CONFIG: config, SIGNER_MEMORY: path, SIGNER_KEY: `0x${'a1'.repeat(32)}` },
    }
    const second = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    second.stderr.on('data', (bytes) => {
      said += bytes
    })
    const code = await new Promise((resolve) => second.once('close', resolve))
    expect(said).toContain('PORT_IN_USE')
    expect(code).toBe(1)
    expect(statSync(path).ino).toBe(ino)
    memory.keepLowered({ key: 'north', credit: 30n, until: 1_300 })
  })
})
