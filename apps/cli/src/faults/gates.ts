/** Rows that are seen only where everything stands together: sources, reorgs, haircuts and clocks, through a gateway and its signed certificates. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Deployment, Postgres, Service, Wallet } from '@plimsoll/localnet'
import { Database } from '@plimsoll/store'
import * as Gate from './Gate.ts'
import { type Row, verdict } from './Row.ts'
import { depths } from './reo.ts'
import * as Stand from './Stand.ts'

const { gate, granted, isLive, post, told, until, usd } = Gate
/** What the document says that longs lose with their collateral. */
const wrongWayPpm = 40_000
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const signerEntry = fileURLToPath(new URL('../../../../services/signer/src/main.ts', import.meta.url))

/** The chain is lost: nothing more is signed, what was signed is as it was, and ends at its time. */
async function lost(at: Gate.Gate, code: string) {
  const { harbour, strait } = at.house.world.chains
  const seen = await until(at.quote, ({ notional }) => notional === 0n)
  const health = await until(at.health, ({ chains }) => chains.some((chain) => chain.chainId === harbour.chainId && chain.code === code))
  const raise = told(await at.issue(2_000))
  return {
    raise,
    holds: {
      'the limit is nothing': seen.notional === 0n && seen.bounds.some((text) => text.includes(code)),
      'no certificate': raise !== 'issued',
      degraded: health.status === 'degraded' && health.chains.some((chain) => chain.chainId === harbour.chainId && chain.code === code),
      named: health.faults.some((text) => text.includes(code)),
    },
    expire: () => strait.advance(301),
  }
}

/** `plimsoll chain accept`, as an operator runs it while no gateway does. */
function accept({ house }: Gate.Gate, block: { readonly number: bigint; readonly hash: `0x${string}` }) {
  const where = ['--database', `${house.home}/database`, '--config', `${house.home}/three.json`]
  const asked = ['--chain', `${house.world.chains.harbour.chainId}`, '--block', `${block.number}`, '--hash', block.hash]
  return new Promise<{ readonly code: number; readonly text: string }>((resolve) => {
    execFile(process.execPath, [main, 'chain', 'accept', ...where, ...asked, '--why', 'the fault is ours'], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, text: `${stdout}${stderr}` }),
    )
  })
}

/** A reorganisation of so many blocks, without what they held. */
async function drop({ house }: Gate.Gate, blocks: number): Promise<void> {
  await house.world.chains.harbour.testClient.request({ method: 'anvil_reorg' as never, params: [blocks, []] as never })
}

export const rows: readonly Row[] = [
  {
    id: 'RPC-2',
    fault: '2 of 3 sources down',
    expected: 'RPC_QUORUM_LOST; no certificate; what was signed runs to its end; the gateway says it is degraded; k is not lowered',
    inject: (seed) =>
      gate({}, async (at) => {
        const signed = await granted(at, 1_000)
        for (const source of Stand.pick(at.sources.harbour, seed).others) source.become({ kind: 'down' })
        const { raise, holds, expire } = await lost(at, 'RPC_QUORUM_LOST')
        const posted = (await post(at, signed)) && (await isLive(at, signed))
        await expire()
        const after = await isLive(at, signed)
        for (const source of at.sources.harbour) source.become({ kind: 'none' })
        return verdict({
          seen: `a raise: ${raise}; the certificate of before: ${posted ? 'taken' : 'refused'}, after its end ${after ? 'live' : 'dead'}`,
          evidence: 'chain harbour: RPC_QUORUM_LOST in quote and health; one source answered all the while',
          holds: { ...holds, 'runs to its end': posted, ends: !after },
        })
      }),
  },
  {
    id: 'REO-1',
    fault: `a deposit dropped by a reorg of every depth up to finality of ${Stand.depth} blocks; at a gateway, of four depths below ${Gate.depth}`,
    expected: 'nothing counts before it is final: the limit is the same before, between and after; no violation; one block deeper is REO-2',
    inject: async () => {
      const { other, beyond } = await depths()
      return gate({}, async (at) => {
        const { harbour } = at.house.world.chains
        const full = (await until(at.quote, ({ notional }) => notional > 0n)).notional
        const seen: string[] = []
        let right = full > 0n
        for (const more of [0, 4, 8, 12]) {
          // Blocks come by themselves here: what is dropped is everything since just before the deposit.
          const from = await harbour.publicClient.getBlockNumber()
          await at.lock('harbour', 5_000)
          await harbour.mine(more)
          const before = (await at.quote()).notional
          const blocks = Number((await harbour.publicClient.getBlockNumber()) - from)
          const old = (await harbour.publicClient.getBlock()).hash
          await drop(at, blocks)
          const now = (await harbour.publicClient.getBlock()).hash
          await at.house.world.finalise()
          const after = await until(at.quote, ({ notional }) => notional >= full)
          right &&= blocks < Gate.depth && before <= full && after.notional <= full && after.notional > 0n && old !== now
          seen.push(`${blocks}: ${old.slice(0, 8)}→${now.slice(0, 8)}`)
        }
        const more = told(await at.issue(Number((full * 11n) / 10n / usd(1))))
        const violated = (await at.health()).faults.some((text) => text.includes('FINALITY'))
        return verdict({
          seen: `the limit stays ${full / usd(1)} USD; a tenth more: ${more}; of depths 1 to ${Stand.depth} ${other.join(', ') || 'none'} counted; one deeper: ${beyond}`,
          evidence: seen.join(' '),
          holds: {
            'at every depth': right && other.length === 0,
            'one deeper': beyond === 'FINALITY_VIOLATED',
            'no more': more !== 'issued',
            'no violation': !violated,
          },
        })
      })
    },
  },
  {
    id: 'REO-2',
    fault: 'a reorg past the final block',
    expected:
      'FINALITY_VIOLATED; the limit falls to nothing, no certificate, those of before end; frozen through a restart, until an operator accepts the new history',
    inject: () =>
      gate({}, async (at) => {
        const { harbour } = at.house.world.chains
        const signed = await granted(at, 1_000)
        const posted = await post(at, signed)
        await drop(at, Gate.depth + 6)
        await at.house.world.finalise()
        const { raise, holds, expire } = await lost(at, 'FINALITY_VIOLATED')
        await at.restart()
        const again = await until(at.health, ({ chains }) => chains.some(({ code }) => code === 'FINALITY_VIOLATED'))
        const still = again.chains.some(({ code }) => code === 'FINALITY_VIOLATED')
        const number = await harbour.publicClient.getBlockNumber()
        await at.house.world.finalise()
        const { hash } = await harbour.publicClient.getBlock({ blockNumber: number })
        const words = { wrong: { code: 0, text: '' }, right: { code: 0, text: '' } }
        await at.restart({
          meanwhile: async () => {
            words.wrong = await accept(at, { number, hash: signed.certificate.inputsHash })
            words.right = await accept(at, { number, hash })
          },
        })
        await at.lock('harbour', 10_000)
        await at.house.world.finalise()
        const back = await until(at.quote, ({ notional }) => notional > 0n)
        const faults = (await until(at.health, (seen) => !seen.faults.some((text) => text.includes('FINALITY')))).faults.join()
        await expire()
        const after = await isLive(at, signed)
        return verdict({
          seen: `a raise: ${raise}; after a restart ${still ? 'frozen still' : 'forgotten'}; the certificate of before ${after ? 'lives' : 'is dead'}; accepted with another hash: exit ${words.wrong.code}, with its own: exit ${words.right.code}, and the limit is ${back.notional / usd(1)} USD`,
          evidence: `${words.right.text.replace(/\s+/g, ' ')} ${back.code ?? ''} ${back.bounds.join('; ')} ${faults}`,
          holds: {
            ...holds,
            posted,
            'frozen still': still,
            ends: !after,
            'another hash refused': words.wrong.code === 2 && words.wrong.text.includes('BLOCK_OTHER'),
            released: words.right.code === 0 && back.notional > 0n && !faults.includes('FINALITY'),
          },
        })
      }),
  },
  {
    id: 'COL-4',
    fault: 'the collateral is the asset that is traded: WETH locked for ETH-PERP, and the document says what longs lose with it',
    expected: 'wrong-way risk raises the margin by what the document says, and the limit falls; without it they stay',
    inject: () =>
      gate({}, async (at) => {
        const { chains, manifest } = at.house.world
        await Deployment.lock({ chain: chains.harbour, manifest, account: at.account, asset: 'WETH', amount: 10n ** 18n })
        await at.house.world.finalise()
        await until(at.client().getCollateral, ({ lots }) => lots.some(({ asset, credit }) => asset === 'WETH' && credit > 0n))
        const terms = async (longPpm: number) => {
          await at.restart({
            document: (document) => ({
              ...document,
              markets: document.markets.map((market) => ({ ...market, wrongWay: { longPpm, shortPpm: 0 } })),
            }),
          })
          const signed = await granted(at, 1_000)
          return { imPpm: signed.certificate.imPpm, notional: (await at.quote()).notional }
        }
        const [none, same, some] = [await terms(0), await terms(0), await terms(wrongWayPpm)]
        // The forecast of a later minute is another by a little.
        const drift = Math.abs(same.imPpm - none.imPpm)
        const raised = some.imPpm - same.imPpm
        return verdict({
          seen: `initial margin ${none.imPpm}, again ${same.imPpm}, with ${wrongWayPpm} of wrong-way risk ${some.imPpm} ppm; limit ${none.notional / usd(1)} → ${some.notional / usd(1)} USD`,
          evidence: `raised by ${raised} ppm`,
          holds: {
            raised: Math.abs(raised - wrongWayPpm) <= 2_000 && drift <= 2_000,
            'the limit falls': some.notional > 0n && some.notional < none.notional,
          },
        })
      }),
  },
  {
    id: 'COL-5',
    fault: 'a bridge is flagged: its haircut is set to 100 % in the document, and the gateway is given that',
    expected: 'credit of its lots is 0 with the next view; others stay; a lower certificate of a higher sequence is signed',
    inject: () =>
      gate({}, async (at) => {
        await at.lock('lagoon', 10_000)
        await at.house.world.finalise()
        const both = await until(at.client().getCollateral, ({ credit }) => credit > usd(15_000))
        const wide = (await at.quote()).notional
        const first = await granted(at, Number(wide / usd(2)))
        const { lagoon } = at.house.world.chains
        await at.restart({
          document: (document) => ({
            ...document,
            vaults: document.vaults.map((vault) =>
              vault.chainId === lagoon.chainId
                ? { ...vault, tokens: vault.tokens.map((token) => ({ ...token, haircuts: { ...token.haircuts, bridgePpm: 1_000_000 } })) }
                : vault,
            ),
          }),
        })
        const left = await at.client().getCollateral()
        const narrow = await until(at.quote, ({ notional }) => notional > 0n)
        const lower = await granted(at, 1_000)
        return verdict({
          seen: `credit ${both.credit / usd(1)} → ${left.credit / usd(1)} USD; limit ${wide / usd(1)} → ${narrow.notional / usd(1)}; certificate ${first.certificate.maxNotional / usd(1)} → ${lower.certificate.maxNotional / usd(1)}`,
          evidence: `sequence ${first.certificate.sequence} → ${lower.certificate.sequence}`,
          holds: {
            'half of it': left.credit * 2n === both.credit,
            'the limit falls': narrow.notional < wide,
            lower: lower.certificate.sequence > first.certificate.sequence && lower.certificate.maxNotional < first.certificate.maxNotional,
          },
        })
      }),
  },
  {
    id: 'TIME-1',
    fault: 'the clock of the gateway, of the database and of a signer is off by five minutes, either way; of the gateway by 20 s',
    expected: 'more than 15 s apart nothing is issued: CLOCK_SKEW; a signer whose clock is off does not sign',
    inject: async () => {
      const server = await Postgres.start({ url: '' })
      if (server.status === 'missing') return { pass: false, seen: 'no server', evidence: server.reason }
      try {
        return await gate({ DATABASE_URL: server.url }, async (at) => {
          const exact = told(
            await until(
              () => at.issue(1_000),
              ({ status }) => status === 'issued',
            ),
          )
          const gateway: string[] = []
          for (const seconds of [-300, -20, 20, 300]) {
            await at.restart({ env: Gate.clock(seconds) })
            const refused = told(await at.issue(1_000))
            const isNamed = (await at.health()).faults.some((text) => text.includes('CLOCK_SKEW'))
            gateway.push(refused === 'issued' || !isNamed ? 'ISSUED' : refused)
          }
          const database: string[] = []
          for (const seconds of [-300, 300]) {
            await shift(server.url, seconds)
            await at.restart()
            database.push(told(await at.issue(1_000)))
          }
          await shift(server.url, 0)
          const signers: string[] = []
          for (const seconds of [-300, 300]) signers.push(told(await skewed(at, seconds)))
          return verdict({
            seen: `exact: ${exact}; gateway ${gateway.join(' ')}; database ${database.join(' ')}; a signer of two ${signers.join(' ')}`,
            evidence: 'gateway −300, −20, +20, +300 s, CLOCK_SKEW in its health each time; database and signer −300 and +300 s',
            holds: {
              exact: exact === 'issued',
              gateway: !gateway.includes('ISSUED') && gateway[1] === 'CLOCK_SKEW' && gateway[2] === 'CLOCK_SKEW',
              database: database.every((code) => code === 'CLOCK_SKEW'),
              signer: signers.every((code) => code.startsWith('SIGNERS_')),
            },
          })
        })
      } finally {
        await server.stop()
      }
    },
  },
  {
    id: 'CERT-18',
    fault: 'the clock of one of two signers is ten minutes ahead',
    expected: 'it refuses before anything is signed, and nothing is; what it would have dated the book refuses as FromFuture (CERT-10)',
    inject: () =>
      gate({}, async (at) => {
        const [ahead, exact] = [await skewed(at, 600), await skewed(at, 0)]
        const reason = Gate.why(ahead)
        return verdict({
          seen: `ahead: ${told(ahead)}; exact: ${told(exact)}`,
          evidence: `two signers, both of whom must sign; each reads the chains for itself: ${reason}`,
          holds: {
            refused: told(ahead) === 'SIGNERS_DISAGREE',
            'for its clock': reason.includes('CLOCKS_APART'),
            exact: told(exact) === 'issued',
          },
        })
      }),
  },
]

/** Asks for a certificate of two signers, of whom the second has a clock that is off. */
async function skewed(at: Gate.Gate, seconds: number): ReturnType<Gate.Gate['issue']> {
  const names = ['signer one', 'signer two']
  const signers = await Promise.all(
    names.map((name, index) =>
      Service.start({
        ...{ name, entry: signerEntry, log: `${at.house.home}/logs/${name}.log` },
        env: {
          ...{ PORT: '0', PLIMSOLL_CONFIG: `${at.house.home}/three.json`, SIGNER_KEY: Wallet.privateKeyOf(name) },
          ...(index === 1 && seconds !== 0 ? Gate.clock(seconds) : {}),
        },
      }),
    ),
  )
  try {
    const members = signers.map(({ url }, index) => `${Wallet.of(names[index] ?? '').address}@${url}`).join(',')
    await at.restart({ env: { SIGNER: 'quorum', SIGNER_MEMBERS: members, SIGNER_THRESHOLD: '2' } })
    if (seconds !== 0) return await at.issue(1_000)
    return await until(
      () => at.issue(1_000),
      ({ status }) => status === 'issued',
    )
  } finally {
    await Promise.all(signers.map((signer) => signer.stop()))
  }
}

/**
 * Puts the clock of a database off: its own function is found after ours. That stands in the schema of the tables, which stays the first:
 * a schema of its own before it would be an empty one, in which a gateway sets up everything anew and knows nobody.
 */
async function shift(url: string, seconds: number): Promise<void> {
  await using database = await Database.open({ url, connections: 1 })
  await database.query(
    `create or replace function public.clock_timestamp() returns timestamptz language sql volatile as $$ select pg_catalog.clock_timestamp() + interval '${seconds} seconds' $$`,
  )
  await database.query('alter database postgres set search_path = public, pg_catalog')
}
