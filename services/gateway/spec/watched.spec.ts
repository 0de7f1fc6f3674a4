/** What a signer says of itself, whoever asks: chains that it cannot read, a light client that follows though nobody asks, forecasts, and its file. */
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BeaconNode, type House } from '@plimsoll/localnet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'
import * as Signers from './Signers.ts'

let house: House.House
let forecaster: Server
/** What its forecaster says, so many seconds earlier. */
let older = 0

type Shown = {
  readonly address: string
  readonly status: string
  readonly chains: readonly { readonly name: string; readonly status: string; readonly code: string | null }[]
  readonly faults: readonly string[]
}
const shown = async (url: string) => (await (await fetch(`${url}/status`)).json()) as Shown
/** Once it says just what is expected: what each fault is of, and its code. */
const until = (url: string, told: readonly string[]) =>
  Kit.until(
    () => shown(url),
    ({ faults }) => [...new Set(faults.map((fault) => fault.split(': ').slice(0, 2).join(': ')))].sort().join() === [...told].sort().join(),
    240,
  )

beforeAll(async () => {
  house = await Kit.house()
  await house.gateway.stop()
  forecaster = createServer((_, response) => {
    void fetch(`${house.forecaster.url}/forecasts`)
      .then((answer) => answer.text())
      .then((text) => response.end(text.replace(/"asOf":(\d+)/g, (_, asOf) => `"asOf":${Number(asOf) - older}`)))
  })
  await new Promise<void>((resolve) => forecaster.listen(0, '127.0.0.1', resolve))
}, 180_000)

afterAll(async () => {
  forecaster?.close()
  await house?.stop()
})

test('worked example: nothing is lacking; then a chain, then forecasts, and each by its code while it is', async () => {
  const { port } = forecaster.address() as AddressInfo
  const env = { SIGNER_MEMORY: `${house.home}/watched.jsonl`, FORECASTER_URL: `http://127.0.0.1:${port}` }
  const signer = await Signers.one(house, { env })
  try {
    const well = await until(signer.url, [])
    expect(well.status).toBe('ok')
    expect(well.chains.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(['harbour ok', 'lagoon ok', 'strait ok'])
    expect(await (await fetch(`${signer.url}/metrics`)).text()).toContain('plimsoll_signer_faults 0\n')

    const [source] = house.world.sources.harbour
    source.become({ kind: 'html' })
    const ill = await until(signer.url, ['chain 31337001: RPC_QUORUM_LOST'])
    expect([ill.status, ill.chains.find(({ name }) => name === 'harbour')?.code]).toEqual(['degraded', 'RPC_QUORUM_LOST'])
    source.become({ kind: 'none' })

    older = 10 * 86_400
    await until(signer.url, ['forecast BTC-PERP: FORECAST_STALE', 'forecast ETH-PERP: FORECAST_STALE'])
    older = 0
    await until(signer.url, [])

    // Another process takes its file.
    const second = await Signers.one(house, { env })
    await second.stop()
    await until(signer.url, ['memory: MEMORY_TAKEN'])
  } finally {
    await signer.stop()
  }
}, 400_000)

test('bug: of a chain that only holds collateral a signer’s light client followed nothing until somebody asked, and nobody was told of it', async () => {
  const { world, home } = house
  await using node = await BeaconNode.start({ target: world.chains.harbour.url, committeeSize: 8, slotSeconds: 2 })
  const lightClient = { ...node.description, maxAgeSeconds: 24, maxCheckpointAgeSeconds: 80, timeoutMs: 2_000 }
  const document = world.document as { readonly chains: readonly { readonly name: string }[] }
  const chains = document.chains.map((chain) => (chain.name === 'harbour' ? { ...chain, lightClient } : chain))
  const path = `${home}/lit.json`
  await writeFile(path, JSON.stringify({ ...document, chains }))
  const signer = await Signers.one(house, { env: { PLIMSOLL_CONFIG: path } })
  try {
    const first = node.requests()
    await Kit.until(
      async () => node.requests(),
      (requests) => requests > first + 2,
      240,
    )
    await until(signer.url, ['memory: MEMORY_NONE', 'chain 31337001: LIGHT_CHECKPOINT_AGING'])
    node.become('silent')
    const silent = await until(signer.url, [
      ...['memory: MEMORY_NONE', 'chain 31337001: LIGHT_CHECKPOINT_AGING'],
      ...['chain 31337001: LIGHT_CLIENT_SOURCE', 'chain 31337001: LIGHT_CLIENT_SILENT'],
    ])
    expect(silent.chains.find(({ name }) => name === 'harbour')?.code).toBe('LIGHT_CLIENT_SILENT')
  } finally {
    await signer.stop()
  }
}, 400_000)
