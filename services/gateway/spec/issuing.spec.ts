/** A participant's credit is bound once, released only by proof, and an acknowledged certificate is never lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Deployment, type House } from '@plimsoll/localnet'
import { createMarginClient, http } from '@plimsoll/sdk'
import { parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

describe('one gateway on the embedded database', () => {
  let house: House.House
  let north: string
  let south: string

  beforeAll(async () => {
    house = await Kit.house({ world: { params: { ttlSeconds: 20 } } })
    north = Kit.venueId(house, 'north')
    south = Kit.venueId(house, 'south')
  }, 120_000)
  afterAll(() => house?.stop())

  test('a certificate is what its inputs give, and fifty renewals need no more than its own credit', async () => {
    const [trader] = await Kit.traders({ house, names: ['renewer'], dollars: 10_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, venue: north, market: 'ETH-PERP' }
    const { limit } = await trader.client.getLimit(key)
    expect(limit.notional).toBeGreaterThan(Kit.usd(10_000))
    expect(limit.reasons.reduce((sum, reason) => sum + reason.notional, 0n)).toBe(limit.notional)
    expect(limit.reasons.reduce((sum, reason) => sum + reason.imPpm, 0)).toBe(limit.imPpm)

    const first = Kit.granted(await trader.client.issueLimit({ ...key, notional: limit.notional }))
    expect((await trader.client.verifyLimit(first)).status).toBe('valid')
    const bound = first.certificate.credit
    for (let i = 0; i < 50; i++) {
      const renewed = Kit.granted(await trader.client.issueLimit({ ...key, notional: limit.notional }))
      expect(renewed.certificate.credit).toBe(bound)
      expect(renewed.certificate.sequence).toBe(BigInt(i + 2))
    }
  })

  test('what is open outlives its certificate: a second venue waits for a final close', async () => {
    const [trader] = await Kit.traders({ house, names: ['closer'], dollars: 8_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, market: 'ETH-PERP' }
    // A chain that was out for a round is left out for three: until it counts again there is nothing to bind.
    const { limit } = await Kit.until(
      () => trader.client.getLimit({ ...key, venue: north }),
      (told) => told.limit.notional > 0n,
    )
    const most = limit.notional
    const signed = Kit.granted(await trader.client.issueLimit({ ...key, venue: north, notional: most }))
    const elsewhere = () => trader.client.issueLimit({ ...key, venue: south, notional: most / 2n })
    expect(await elsewhere()).toMatchObject({ status: 'refused', code: 'CREDIT_ENCUMBERED' })

    await Kit.post(house, signed)
    await Deployment.deposit({
      chain: house.world.chains.strait,
      manifest: house.world.manifest,
      account: trader.account,
      venue: 'north',
      amount: parseUnits('500', 6),
    })
    await Kit.trade(house, { venue: north, trader, symbol: 'ETH-PERP', notional: (most * 9n) / 10n })
    const wait = Number(signed.certificate.expiresAt) * 1000 - Date.now() + 4_000
    await new Promise((resolve) => setTimeout(resolve, wait))
    await house.world.finalise()
    expect(await elsewhere()).toMatchObject({ status: 'refused', code: 'CREDIT_ENCUMBERED' })

    await Kit.trade(house, { venue: north, trader, symbol: 'ETH-PERP', notional: 0n })
    await house.world.finalise()
    const answer = await Kit.until(elsewhere, ({ status }) => status === 'issued')
    expect(answer.status).toBe('issued')
  })

  test('what was answered is told to whoever watches, and a watcher resumes where it left', async () => {
    const [trader] = await Kit.traders({ house, names: ['watcher'], dollars: 5_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, venue: north, market: 'BTC-PERP' }
    await Kit.until(
      () => trader.client.getLimit(key),
      ({ limit }) => limit.notional > 0n,
    )
    const abort = new AbortController()
    const watching = trader.client.watchLimit({ signal: abort.signal })
    const next = watching.next()
    await new Promise((resolve) => setTimeout(resolve, 700))
    Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_000) }))
    const { value: first } = await next
    expect(first.kind).toBe('limit.issued')
    abort.abort()
    await watching.return?.()

    const second = Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_500) }))
    const again = new AbortController()
    for await (const event of trader.client.watchLimit({ lastEventId: first.id, signal: again.signal })) {
      if (event.kind !== 'limit.issued') continue
      expect(event.body.sequence).toBe(second.certificate.sequence.toString())
      break
    }
    again.abort()
  })

  test('kill −9 in the middle of issuing: the same key gives the same certificate, or exactly one', async () => {
    const [trader] = await Kit.traders({ house, names: ['survivor'], dollars: 20_000 })
    if (!trader) throw new Error('one trader was asked for')
    const key = { account: trader.account.address, venue: north, market: 'ETH-PERP' }
    await Kit.until(
      () => trader.client.getLimit(key),
      ({ limit }) => limit.notional > Kit.usd(20_000),
    )
    const keys = Array.from({ length: 40 }, (_, i) => `before-the-kill-${i}`)
    const ask = (idempotencyKey: string, client = trader.client) => client.issueLimit({ ...key, notional: Kit.usd(20_000), idempotencyKey })
    const answered = new Map<string, string>()
    const asking = keys.map((idempotencyKey) =>
      ask(idempotencyKey).then(
        (answer) => answered.set(idempotencyKey, text(Kit.granted(answer))),
        () => {},
      ),
    )
    await Promise.race(asking)
    house.gateway.kill('SIGKILL')
    await Promise.all([house.gateway.exited, ...asking])
    expect(answered.size).toBeGreaterThan(0)

    const revived = await house.openGateway()
    const client = createMarginClient({ transport: http(revived.url) })
    await client.signIn({ account: trader.account })
    const sequences = new Set<bigint>()
    for (const idempotencyKey of keys) {
      const signed = Kit.granted(await ask(idempotencyKey, client))
      const known = answered.get(idempotencyKey)
      if (known !== undefined) expect(text(signed)).toBe(known)
      sequences.add(signed.certificate.sequence)
      expect(text(Kit.granted(await ask(idempotencyKey, client)))).toBe(text(signed))
    }
    expect(sequences.size).toBe(keys.length)
    expect([...sequences].every((sequence) => sequence <= BigInt(keys.length))).toBe(true)
    await refusesASecond(house)
    await namesAPortInUse(house)
    await saysSteepHaircuts(house)
    await revived.stop()
  }, 120_000)
})

/** A port somebody else has is named, not taken and not avoided in silence. */
async function namesAPortInUse(house: House.House): Promise<void> {
  const port = Number(new URL(house.forecaster.url).port)
  const outcome = await house.openGateway({ name: 'third', port, env: { PLIMSOLL_HOME: join(house.home, 'third') } }).then(
    () => 'started',
    (error: unknown) => String(error),
  )
  expect(outcome).toContain(`PORT_IN_USE: Port ${port} is in use.`)
}

/** While a gateway lives, another one may not open its database. */
async function refusesASecond(house: House.House): Promise<void> {
  const outcome = await house.openGateway({ name: 'second' }).then(
    () => 'started',
    (error: unknown) => String(error),
  )
  expect(outcome).toContain('DATABASE_LOCKED')
}

/** Credit on an asset whose haircut its book takes no mark-down by is given, and taken back as far as the book lets it: that is said. */
async function saysSteepHaircuts(house: House.House): Promise<void> {
  const text = await readFile(join(house.home, 'deployment.json'), 'utf8')
  const PLIMSOLL_CONFIG = join(house.home, 'steep.json')
  await writeFile(PLIMSOLL_CONFIG, text.replaceAll(/"assetPpm": *100000\b/g, '"assetPpm":510000'))
  await using steep = await house.openGateway({ name: 'steep', env: { PLIMSOLL_CONFIG, PLIMSOLL_HOME: join(house.home, 'steep') } })
  const { faults } = (await (await fetch(`${steep.url}/v1/health`)).json()) as { readonly faults: readonly string[] }
  expect(faults.join('\n')).toMatch(
    /HAIRCUT_ABOVE_BOOK: .*WETH of the vault 0x\w{40} on chain 31337002 is cut by 51\.0000 %, and the book of north takes/,
  )
}

describe('what is missing is said at once', () => {
  test('error: every missing key of the environment in one message', async () => {
    const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH } })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    for (const key of ['PLIMSOLL_CONFIG', 'SIGNER_KEYS', 'FORECASTER_URL']) expect(said).toContain(key)
    expect(said.trim().split('\n')).toHaveLength(1)
  })
})

function text(signed: unknown): string {
  return JSON.stringify(signed, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}
