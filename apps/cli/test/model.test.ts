/** The model commands as somebody types them, on a synthetic market. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hourly, SyntheticMarket } from '@plimsoll/volatility'
import { Panel, Table } from '@plimsoll/volatility-model'
import { decodeFunctionData, encodeFunctionResult, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const days = 190
const startAt = Date.parse('2024-01-01T00:00:00Z') / 1_000

const run = (args: readonly string[]) => Cli.run(['model', ...args])

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
  })
  test('calibrate recomputes factors of a table', async () => {
    const { code, stdout } = await run(['calibrate', '--data', bars, '--forecasts', `${forecasts}:ewma`, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ horizonSeconds: 86_400, sides: [{ side: 'long path' }, { side: 'short path' }] })
  })
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

describe('plimsoll model train, promote, rollback', () => {
  const train = (version: string, out: string, ...more: readonly string[]): readonly string[] => [
    'train',
    '--model',
    version,
    '--data-24h',
    bars,
    '--out',
    out,
    '--members',
    '1',
    '--steps',
    '20',
    '--backend',
    'wasm',
    '--json',
    ...more,
  ]
  const registryOf = (folder: string): Promise<string> => readFile(join(folder, 'registry.json'), 'utf8')

  test('a training that is killed leaves nothing half done, and goes on from its fits to the same hash', async () => {
    const [whole, killed, work] = ['whole', 'killed', 'fits'].map((name) => join(directory, 'train', name)) as [string, string, string]
    const first = await run(train('1.0.0', whole))
    expect(first.code, first.stderr).toBe(0)
    const child = spawn(process.execPath, [main, 'model', ...train('1.0.0', killed, '--work', work)], { stdio: 'ignore' })
    const ended = once(child, 'close')
    let [kept] = [] as string[]
    while (kept === undefined && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      kept = (await readdir(work).catch(() => [])).find((name) => name.endsWith('.json'))
    }
    child.kill('SIGKILL')
    expect((await ended)[1]).toBe('SIGKILL')
    await expect(registryOf(killed)).rejects.toThrow('ENOENT')
    const before = await stat(join(work, kept ?? ''))
    const again = await run(train('1.0.0', killed, '--work', work))
    expect(again.code, again.stderr).toBe(0)
    expect((await stat(join(work, kept ?? ''))).mtimeMs).toBe(before.mtimeMs)
    expect(JSON.parse(again.stdout)).toMatchObject({ modelHash: (JSON.parse(first.stdout) as { readonly modelHash: string }).modelHash })
    expect(await registryOf(killed)).toBe(await registryOf(whole))
  }, 120_000)

  test('a better challenger is promoted by its own table; another’s table, or weights that were touched, change nothing', async () => {
    const folder = join(directory, 'promote')
    for (const [version, seed] of [
      ['1.0.0', '7'],
      ['1.1.0', '8'],
    ] as const)
      expect((await run(train(version, folder, '--seed', seed))).code).toBe(0)
    const { card } = JSON.parse((await run(['card', '--model', '1.1.0', '--models', folder, '--json'])).stdout) as {
      readonly card: { readonly members: readonly { readonly comparison: { readonly from: number; readonly to: number } }[] }
    }
    const { from = 0, to = 0 } = card.members[0]?.comparison ?? {}
    const made = join(directory, 'own.csv')
    const day = (at: number): string => new Date(at * 1_000).toISOString().slice(0, 10)
    const walk = ['--from', day(from), '--to', day(to + 86_400), '--horizon', '24h', '--members', '1', '--steps', '20']
    expect((await run(['backtest', '--data', bars, ...walk, '--seed', '8', '--backend', 'wasm', '--out', made])).code).toBe(0)

    // Quantiles that three paths in some hundred go beyond, on either side; a champion that is three times too high or too low.
    const { runs } = await Panel.read({ paths: [bars], asOf: startAt + days * 86_400 })
    const own = Table.parse(await readFile(made, 'utf8'), made).filter(({ model }) => model === 'champion')
    const outcomes = own.map(({ symbol, origin }) => {
      const series = runs.find((each) => each.symbol === symbol)
      return series === undefined ? null : Hourly.outcome(series, origin / 3_600 - series.firstHour, 24)
    })
    const third = (side: 'longPath' | 'shortPath'): number => {
      const losses = outcomes.flatMap((outcome) => (outcome === null ? [] : [outcome[side]])).sort((a, b) => b - a)
      return ((losses[2] ?? Number.NaN) + (losses[3] ?? Number.NaN)) / 2
    }
    const held = { q99LongPath: third('longPath'), q99ShortPath: third('shortPath') }
    const table = async (name: string, factor: (i: number) => number): Promise<string> => {
      const path = join(directory, name)
      await Table.write(
        path,
        own.map((row, i) => ({ ...row, ...held, model: 'champion' as const, variance: row.variance * factor(i) })),
      )
      return path
    }
    const champion = await table('champion.csv', (i) => (i % 2 === 0 ? 3 : 1 / 3))
    const challenger = await table('challenger.csv', () => 1)
    const promote = (path: string) =>
      run(['promote', '--model', '1.1.0', '--models', folder, '--data', bars, '--challenger', path, '--champion', champion, '--json'])
    const before = await registryOf(folder)
    expect(JSON.parse(before)).toMatchObject({ champion: { version: '1.0.0' }, challengers: [{ version: '1.1.0' }] })

    const other = await promote(await table('other.csv', () => 1.000_01))
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('BINDING_UNBOUND')])
    expect(await registryOf(folder)).toBe(before)

    const promoted = await promote(challenger)
    expect(promoted.code, promoted.stderr + promoted.stdout).toBe(0)
    expect(JSON.parse(promoted.stdout)).toMatchObject({ promoted: true, registry: { champion: { version: '1.1.0' } } })
    expect((await run(['rollback', '--models', folder])).code).toBe(0)
    expect(await registryOf(folder)).toMatch(/"champion": \{\s*"version": "1\.0\.0"/)

    const weights = join(folder, 'artifacts', '1.1.0', 'weights-24h.bin')
    const bytes = await readFile(weights)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    await writeFile(weights, bytes)
    const back = await registryOf(folder)
    const touched = await promote(challenger)
    expect([touched.code, touched.stderr]).toEqual([1, expect.stringMatching(/EVIDENCE_EMPTY.*weights-24h\.bin/s)])
    expect(await registryOf(folder)).toBe(back)
  }, 240_000)
})

describe('plimsoll model report', () => {
  test('one page of the champion that comes along: every horizon, every model, no other file', async () => {
    const path = join(directory, 'report.html')
    const { code, stdout, stderr } = await run(['report', '--out', path, '--json'])
    expect(code, stderr).toBe(0)
    const html = await readFile(path, 'utf8')
    const { modelHash, bytes } = JSON.parse(stdout) as { readonly modelHash: string; readonly bytes: number }
    expect(html).toContain(modelHash)
    expect(Buffer.byteLength(html)).toBe(bytes)
    expect(html.match(/<h2>\d+ h ahead<\/h2>/g)).toEqual(['<h2>1 h ahead</h2>', '<h2>4 h ahead</h2>', '<h2>24 h ahead</h2>'])
    expect(html.match(/<svg /g)?.length).toBe(18)
    for (const model of ['champion', 'base', 'garch', 'static']) expect(html).toContain(`>${model}</text>`)
    expect(html).not.toMatch(/<script|src=|href=|url\(|NaN/)
  })
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
  })
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
    for (const command of [
      'data',
      'train',
      'backtest',
      'forecast',
      'calibrate',
      'compare',
      'promote',
      'rollback',
      'drift',
      'card',
      'report',
    ])
      expect((await run([command, '--help'])).stdout).toContain(`plimsoll model ${command}`)
  }, 120_000)
})
