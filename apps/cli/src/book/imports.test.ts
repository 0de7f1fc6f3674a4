import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Threshold } from '@plimsoll/liquidation'
import { describe, expect, test } from 'vitest'
import * as imports from './imports.ts'
import * as table from './table.ts'

const shared = process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../../shared')
const positions = join(shared, 'data', 'positions')
const read = (...path: readonly string[]) => readFileSync(join(positions, ...path), 'utf8')

describe('aave', () => {
  const head = 'address,collateral_usd,debt_usd,avg_liquidation_threshold,health_factor,target_collateral_usd,eth_debt_usd'

  test('worked example: 100 at 80 % against 50, all of it the asset itself, falls by 37.5 %', () => {
    const { document, checks } = imports.aave([head, '0xa,100,50,0.8,1.6,100,0', '0xb,200,100,0.75,1.6,0,100'].join('\n'), 'WETH')
    const [a, b] = document.book.accounts
    expect(Threshold.along(a ?? never(), { WETH: 1 })).toBeCloseTo(-Math.log(0.625), 9)
    expect(b?.positions.map(({ market, side }) => [market, side])).toEqual([
      ['OTHER', 'long'],
      ['WETH-DEBT', 'short'],
    ])
    // The second states 1.6 and has 1.5.
    expect(checks).toMatchObject([{ holds: false, figures: { within: 1, of: 2 } }])
  })

  test('error: a column that is not there', () => {
    expect(() => imports.aave(`${head.replace('debt_usd,', '')}\n0xa,1,1,1,1,1`, 'WETH')).toThrow(table.CellError)
  })
})

describe('maker', () => {
  const flow = (column: string, ...rows: readonly string[]) => [`BLOCK_NUMBER,BLOCK_TIMESTAMP,VAULT_NUMBER,${column}`, ...rows].join('\n')
  const tables: imports.MakerTables = {
    deposits: flow('DEPOSIT_AMOUNT_ADJ', '1,2021-01-01 00:00:00,7,10', '1,2021-01-01 00:00:00,8,10'),
    withdrawals: flow('WITHDRAWN_AMOUNT_ADJ', '2,2021-01-01 1:00:00,8,-2'),
    borrows: flow('DAI_MINTED', '2,2021-01-01 02:00:00,7,3000', '2,2021-01-01 02:00:00,8,4000'),
    repayments: flow('DAI_REPAYED', '3,2021-01-01 03:00:00,8,1000'),
    liquidations: `BLOCK_NUMBER,BLOCK_TIMESTAMP,VAULT_NUMBER,COLLATERAL_LIQUIDATED_AMOUNT,DAI_REPAYED_AMOUNT\n4,2021-01-02 00:00:00,8,8,3000`,
    parameters: 'TIMESTAMP,PARAMETER,TO_VALUE\n2021-01-01 00:00:00,SPOTTER.ilks.mat,1.3\n2022-01-01 00:00:00,JUG.ilks.duty,0.05',
    prices: 'snapped_at,price\n2021-01-01 00:00:00 UTC,400\n2021-01-02 00:00:00 UTC,500\n2021-01-03 00:00:00 UTC,600',
  }

  test('worked example: vault 8 was nearest, and vault 7 is left: 10 coins at 500 against 3,000', () => {
    const { document, checks } = imports.maker(tables, 'ETH')
    expect(checks).toMatchObject([{ holds: true, figures: { top: 1, of: 1, events: 7, price: 500, ranks: [{ rank: 1, of: 2 }] } }])
    expect(document.book.accounts).toHaveLength(1)
    // 1.3 · 3,000 / 10 = 390 is 22 % below 500.
    expect(Threshold.along(document.book.accounts[0] ?? never(), { ETH: 1 })).toBeCloseTo(-Math.log(390 / 500), 5)
  })
})

describe('crvusd', () => {
  const wbtc = '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599'
  const weth = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
  const usdc = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
  const tables: imports.CrvusdTables = {
    markets: 'market,collateral_symbol,A,base_price,oracle_price,liquidation_discount\nm,WBTC,10,100,100,0.1\nw,WETH,10,100,100,0.1',
    users: 'market,user,collateral,stablecoin,debt,n1,n2\nm,u,1000,5000,50000,2,5\nm,small,1,0,0.5,1,2\nw,v,1,0,10,1,2',
    quotes: [
      'src,dst,in_amount,out_amount,price_impact',
      `${wbtc},${usdc},1e10,1e10,0.1`,
      `${weth},${usdc},1e20,1e10,0.1`,
      `${wbtc},0xother,1e10,1e10,0.9`,
    ].join('\n'),
  }

  test('worked example: a block at the bottom of its bands is steeper than a spread over them', () => {
    const { document, checks } = imports.crvusd(tables)
    const [btc] = checks
    // 1,000 coins at 100·0.9⁶, one step of 1 % below 46 %: 10 % of impact by 10,000 USD.
    const usd = 100_000 * 0.9 ** 6
    expect(btc?.figures['block']).toMatchObject({
      usd: expect.closeTo(usd, 6),
      n: expect.closeTo(((usd / 1e4) * -Math.log(0.9)) / Math.log(0.54 / 0.53), 6),
    })
    expect(btc?.holds).toBe(true)
    expect(document.book.accounts.map(({ account, equity }) => [account, Number(equity / 10n ** 18n)])).toEqual([
      ['WBTC:u', 55_000],
      ['WETH:v', 90],
    ])
    expect(document.labels['WBTC:u']).toEqual({ market: 'WBTC' })
  })

  test('error: a loan of a market that is not there', () => {
    expect(() => imports.crvusd({ ...tables, markets: tables.markets.split('\nw')[0] ?? '' })).toThrow(table.CellError)
  })
})

describe('compound', () => {
  test('worked example: one under water, one not', () => {
    const row = (address: string, debt: string, collateral: string) => ({
      address,
      total_borrow_value_in_eth: { value: debt },
      total_collateral_value_in_eth: { value: collateral },
    })
    const { document, checks } = imports.compound(JSON.stringify([row('0xa', '2', '1.5'), row('0xb', '2', '3'), row('0xc', '1', '0')]))
    expect(document.book.accounts.map(({ account }) => account)).toEqual(['0xa', '0xb'])
    expect(checks).toMatchObject([{ holds: false, figures: { under: 2, of: 3 } }])
  })
})

describe.skipIf(!existsSync(positions))('real tables (needs PLIMSOLL_SHARED or ../shared)', () => {
  test('vector: Aave Linea: every health factor within 2e-4', () => {
    expect(imports.aave(read('aave', 'linea_weth_block31426233.csv'), 'WETH').checks).toMatchObject([
      { holds: true, figures: { within: 44, of: 44 } },
    ])
  })

  test('vector: Maker ETH-B: 88 first liquidations of a vault and day, at least 77 of them among the top three', () => {
    const file = (name: string) => read('maker-ethb', name)
    const { checks, document } = imports.maker(
      {
        deposits: file('ethb_vault_deposits.csv'),
        withdrawals: file('ethb_vault_withdrawals.csv'),
        borrows: file('ethb_dai_borrows.csv'),
        repayments: file('ethb_dai_repayments.csv'),
        liquidations: file('ethb_vault_liquidations.csv'),
        parameters: file('ETHB-Parameter-Changes.csv'),
        prices: file('coingecko_ethusd_price.csv'),
      },
      'ETH',
    )
    expect(checks[0]).toMatchObject({ holds: true, figures: { of: 88 } })
    expect(Number(checks[0]?.figures['top'])).toBeGreaterThanOrEqual(77)
    expect(document.book.accounts.length).toBeGreaterThan(50)
  })

  test('vector: crvUSD: 757 loans; spread over bands both coins are calmer than as blocks', () => {
    const file = (name: string) => read('crvusd', name)
    const { checks, document } = imports.crvusd({
      users: file('users.csv'),
      markets: file('markets.csv'),
      quotes: file('oneinch_quotes_2023-11.csv'),
    })
    expect(document.book.accounts).toHaveLength(757)
    expect(checks.map(({ holds }) => holds)).toEqual([true, true])
  })

  test('vector: Compound v2: 143 accounts, all of them under water', () => {
    expect(imports.compound(read('compound-v2', 'underwater_accounts_2020-08-06.json')).checks[0]).toMatchObject({ holds: true })
  })
})

function never(): never {
  throw new Error('there is no such account')
}
