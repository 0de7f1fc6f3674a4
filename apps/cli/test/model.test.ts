/** The model commands as somebody types them, on a synthetic market. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SyntheticMarket } from '@plimsoll/volatility'
import { decodeFunctionData, encodeFunctionResult, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const days = 190
const startAt = Date.parse('2024-01-01T00:00:00Z') / 1_000

async function run(args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [main, 'model', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { code: Number(code), stdout, stderr }
}

let directory: string
let bars: string
let forecasts: string
let report: { readonly code: number; readonly stdout: string; readonly stderr: string }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll model '))
  bars = join(directory, 'bars.csv')
  forecasts = join(directory, 'forecasts.csv')
  const market = SyntheticMarket.generate({
    seed: 2,
    startAt,
    intervalSeconds: 3_600,
    bars: days * 24,
    assets: ['BTC', 'ETH', 'SOL', 'XRP'].map((symbol, i) => ({ symbol, price: 10 * (i + 1), volatility: 0.5 + i / 10 })),
  })
  const lines = Object.entries(market).flatMap(([symbol, series]) =>
    series.map(
      ({ closeAt, open, high, low, close }) =>
        `${symbol},${new Date((closeAt - 3_600) * 1_000).toISOString()},${open},${high},${low},${close},1`,
    ),
  )
  await writeFile(bars, `symbol,timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`)
  report = await run([
    'backtest',
    '--data',
    bars,
    '--from',
    '2024-05-10',
    '--to',
    '2024-07-08',
    '--horizon',
    '24h',
    '--out',
    forecasts,
    '--json',
    '--members',
    '1',
    '--steps',
    '20',
    '--backend',
    'wasm',
  ])
}, 240_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('plimsoll model backtest', () => {
  test('worked example: one document on stdout, progress on stderr, one row for each symbol, origin and model', async () => {
    expect(report.code, report.stderr).toBe(0)
    const document = JSON.parse(report.stdout) as {
      readonly forecasts: number
      readonly comparison: { readonly lines: readonly { readonly model: string; readonly ratio: number }[] }
    }
    expect(report.stderr).toMatch(/walking forward, 24h, wasm.*%/)
    const [header, ...rows] = (await readFile(forecasts, 'utf8')).trim().split('\n')
    expect(header).toBe('symbol,origin,horizon,model,variance,q99_long_path,q99_short_path,q99_long_end,q99_short_end')
    expect(rows.length).toBe(document.forecasts)
    const models = ['champion', 'glm', 'base', 'log-har', 'garch', 'gjr', 'ewma', 'static']
    expect(rows.length).toBe(59 * 4 * models.length)
    expect(document.comparison.lines.map(({ model }) => model)).toEqual(models)
    for (const row of rows) {
      expect(row).toMatch(/^(BTC|ETH|SOL|XRP),2024-0[5-7]-\d\dT00:00:00Z,24h,[a-z-]+(,\d\.?\d*(e-\d+)?){5}$/)
      expect(
        row
          .split(',')
          .slice(4)
          .every((cell) => Number(cell) > 0),
      ).toBe(true)
    }
  })
})

describe('plimsoll model data, calibrate, compare, promote', () => {
  test('data counts what it read, the same hash each time', async () => {
    const [one, two] = [await run(['data', '--data', bars, '--json']), await run(['data', '--data', directory, '--json'])].map(
      ({ stdout }) => JSON.parse(stdout) as { readonly sha256: string; readonly symbols: readonly { readonly bars: number }[] },
    )
    expect(one?.symbols.map((symbol) => symbol.bars)).toEqual(new Array(4).fill(days * 24))
    expect(two?.sha256).toBe(one?.sha256)
  }, 60_000)
  test('calibrate recomputes factors of a table', async () => {
    const { code, stdout } = await run(['calibrate', '--data', bars, '--forecasts', `${forecasts}:ewma`, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ horizonSeconds: 86_400, sides: [{ side: 'long path' }, { side: 'short path' }] })
  }, 60_000)
  test('a model is not better than itself: compare exits 2; promote does, and the registry stays to the byte', async () => {
    const registry = join(directory, 'registry.json')
    const entry = (version: string) => ({ version, modelHash: `0x${'a'.repeat(64)}` })
    await writeFile(registry, JSON.stringify({ schema: 1, champion: entry('0.1.0'), challengers: [entry('0.2.0')] }))
    const before = await readFile(registry, 'utf8')
    const evidence = ['--data', bars, '--challenger', forecasts, '--champion', forecasts, '--json']
    const compared = await run(['compare', ...evidence])
    expect({ code: compared.code, status: (JSON.parse(compared.stdout) as { readonly status: string }).status }).toEqual({
      code: 2,
      status: 'refused',
    })
    const promoted = await run(['promote', '--model', '0.2.0', '--models', directory, ...evidence])
    expect({ code: promoted.code, promoted: (JSON.parse(promoted.stdout) as { readonly promoted: boolean }).promoted }).toEqual({
      code: 2,
      promoted: false,
    })
    expect(await readFile(registry, 'utf8')).toBe(before)
    const back = await run(['rollback', '--models', directory])
    expect([back.code, back.stderr]).toEqual([1, expect.stringContaining('REGISTRY_NO_FORMER')])
  }, 120_000)
})

describe('plimsoll model data --feed', () => {
  test('reads rounds backwards through viem, and writes bars that data reads (a mock of the RPC: two rounds an hour, one never answered)', async () => {
    const phase = 3n << 64n
    const hour = 3_600
    const roundOf = (round: bigint): readonly bigint[] => {
      const at = round === 7n ? 0n : BigInt(startAt) + round * BigInt(hour / 2)
      return [phase + round, at === 0n ? 0n : (100n + round) * 10n ** 8n, at, at, phase + round]
    }
    const abi = parseAbi([
      'function decimals() view returns (uint8)',
      'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
      'function getRoundData(uint80 roundId) view returns (uint80, int256, uint256, uint256, uint80)',
    ])
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        const { id, params } = JSON.parse(body) as { readonly id: number; readonly params: readonly [{ readonly data: `0x${string}` }] }
        const { functionName, args } = decodeFunctionData({ abi, data: params[0].data })
        const round = functionName === 'getRoundData' ? (args[0] as bigint) - phase : 120n
        const result =
          functionName === 'decimals'
            ? encodeFunctionResult({ abi, functionName, result: 8 })
            : encodeFunctionResult({
                abi,
                functionName: 'latestRoundData',
                result: roundOf(round) as [bigint, bigint, bigint, bigint, bigint],
              })
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = server.address()
      const rpc = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
      const path = join(directory, 'feed', 'eth.csv')
      await mkdir(join(directory, 'feed'))
      const made = await run([
        'data',
        '--feed',
        `0x${'11'.repeat(20)}`,
        '--rpc',
        rpc,
        '--symbol',
        'ETH',
        '--since',
        '2024-01-01',
        '--out',
        path,
        '--json',
      ])
      expect(made.code, made.stderr).toBe(0)
      expect(JSON.parse(made.stdout)).toMatchObject({ symbol: 'ETH', rounds: 119, bars: 59 })
      const text = await readFile(path, 'utf8')
      // Round 2 stands at 01:00; rounds 3 and 4 follow by 02:00.
      expect(text.split('\n')[1]).toBe('ETH,2024-01-01T01:00:00Z,102,104,102,104,0')
      const again = await run(['data', '--data', path, '--json'])
      expect((JSON.parse(again.stdout) as { readonly symbols: readonly { readonly bars: number }[] }).symbols).toMatchObject([
        { symbol: 'ETH', bars: 59 },
      ])
      const wrong = await run(['data', '--feed', '0x12', '--rpc', rpc, '--symbol', 'ETH', '--since', '2024-01-01', '--out', path])
      expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('FEED_UNREADABLE')])
    } finally {
      server.close()
    }
  }, 60_000)
})

describe('plimsoll model: what cannot be read is said in one sentence', () => {
  test.each<[string, readonly string[], string]>([
    ['a date', ['backtest', '--data', 'x', '--from', 'today', '--to', '2024-01-01', '--horizon', '24h'], 'OPTION_INVALID'],
    ['a horizon', ['backtest', '--data', 'x', '--from', '2024-01-01', '--to', '2024-01-02', '--horizon', '2h'], 'OPTION_INVALID'],
    [
      'an end before its start',
      ['backtest', '--data', 'x', '--from', '2024-01-02', '--to', '2024-01-01', '--horizon', '1h'],
      'OPTION_INVALID',
    ],
    ['a file that is not there', ['data', '--data', 'nowhere.csv'], 'PANEL_UNREADABLE'],
    ['no data to train on', ['train', '--model', '9.9.9', '--out', tmpdir()], 'OPTION_INVALID'],
    ['a version nobody entered', ['card', '--model', '9.9.9'], 'REGISTRY_VERSION_UNKNOWN'],
  ])(
    'error: %s',
    async (_, args, code) => {
      const outcome = await run(args)
      expect([outcome.code, outcome.stdout]).toEqual([1, ''])
      expect(outcome.stderr).toContain(code)
    },
    60_000,
  )
  test('--help shows examples', async () => {
    for (const command of ['data', 'train', 'backtest', 'forecast', 'calibrate', 'compare', 'promote', 'rollback', 'drift', 'card'])
      expect((await run([command, '--help'])).stdout).toContain(`plimsoll model ${command}`)
  }, 120_000)
})
