/** Books of venues that exist, from the tables they were published in. A loan against coins is a long of them: 1 − threshold is its margin. */
import { Bands, Book, type BookDocument, Isotonic, Lending, Vaults } from '@plimsoll/liquidation'
import * as table from './table.ts'

/** A book, and what its own figures say against what the source says. */
export type Import = { readonly document: BookDocument.BookDocument; readonly checks: readonly Check[] }

/** `figures` go into the JSON as they are. */
export type Check = {
  readonly name: string
  readonly holds: boolean
  readonly detail: string
  readonly figures: Readonly<Record<string, unknown>>
}

/**
 * Aave accounts: one row each, with collateral, debt and average threshold. What is not the reserve's own asset moves as `OTHER`; debt in it is a
 * short without margin of its own.
 */
export function aave(text: string, asset: string): Import {
  const rows = table.parse(text).map((row) => ({
    account: table.text(row, 'address'),
    loan: {
      collateral: table.number(row, 'collateral_usd'),
      debt: table.number(row, 'debt_usd'),
      threshold: table.number(row, 'avg_liquidation_threshold'),
    },
    stated: table.number(row, 'health_factor'),
    own: table.number(row, 'target_collateral_usd'),
    owed: table.number(row, 'eth_debt_usd'),
  }))
  const accounts = rows.map(({ account, loan, own, owed }): Book.Account => {
    const maintenancePpm = ppmOf(loan.threshold)
    const equity = usd(loan.collateral) - usd(loan.debt)
    return {
      account,
      equity,
      collateral: equity > 0n ? equity : 0n,
      positions: [
        { market: asset, side: 'long' as const, notional: usd(own), maintenancePpm },
        { market: 'OTHER', side: 'long' as const, notional: usd(loan.collateral - own), maintenancePpm },
        { market: `${asset}-DEBT`, side: 'short' as const, notional: usd(owed), maintenancePpm: 0 },
      ].filter(({ notional }) => notional > 0n),
    }
  })
  const off = rows.map(({ loan, stated }) => Math.abs(Lending.health(loan) / stated - 1))
  const within = off.filter((difference) => difference <= 2e-4).length
  const worst = Math.max(0, ...off)
  return {
    document: { book: Book.of(accounts), labels: {} },
    checks: [
      {
        name: 'health factor C·LT/D by the stated one, within 2e-4',
        holds: within === rows.length,
        detail: `${within} of ${rows.length}, worst ${worst.toExponential(2)}`,
        figures: { within, of: rows.length, worst },
      },
    ],
  }
}

/** The tables of Maker vaults, by what they hold. */
export type MakerTables = Readonly<
  Record<'deposits' | 'withdrawals' | 'borrows' | 'repayments' | 'liquidations' | 'parameters' | 'prices', string>
>

/** Maker vaults of one type, rebuilt from their events; the book is of the last one. */
export function maker(tables: MakerTables, collateral: string): Import {
  const flow = (text: string, kind: 'deposit' | 'withdraw' | 'borrow' | 'repay', column: string): readonly Vaults.Event[] =>
    table.parse(text).map((row) => ({ ...happened(row), kind, amount: Math.abs(table.number(row, column)) }))
  const events: readonly Vaults.Event[] = [
    ...flow(tables.deposits, 'deposit', 'DEPOSIT_AMOUNT_ADJ'),
    ...flow(tables.withdrawals, 'withdraw', 'WITHDRAWN_AMOUNT_ADJ'),
    ...flow(tables.borrows, 'borrow', 'DAI_MINTED'),
    ...flow(tables.repayments, 'repay', 'DAI_REPAYED'),
    ...table.parse(tables.liquidations).map((row) => ({
      ...happened(row),
      kind: 'liquidate' as const,
      coins: table.number(row, 'COLLATERAL_LIQUIDATED_AMOUNT'),
      repaid: table.number(row, 'DAI_REPAYED_AMOUNT'),
    })),
  ]
  const parameters = table.parse(tables.parameters)
  const fees = parameters
    .filter((row) => row['PARAMETER'] === 'JUG.ilks.duty')
    .map((row) => ({ from: table.time(row, 'TIMESTAMP'), annual: table.number(row, 'TO_VALUE') }))
  const ratios = parameters.filter((row) => row['PARAMETER'] === 'SPOTTER.ilks.mat').map((row) => table.number(row, 'TO_VALUE'))
  const ratio = ratios.at(-1) ?? Number.NaN
  const ranks = Vaults.rank(events, fees, ratio)
  const top = ranks.filter(({ rank }) => rank <= 3).length
  const vaults = Vaults.replay(events, fees, () => undefined)
  const last = Math.max(...events.map(({ at }) => at))
  const price = priceAt(tables.prices, last)
  return {
    document: {
      book: Book.of(
        [...vaults].map(([account, { coins, debt }]) =>
          borrower(account, collateral, { collateral: coins * price, debt, threshold: 1 / ratio }),
        ),
      ),
      labels: {},
    },
    checks: [
      {
        name: 'the liquidated vault among the three highest liquidation prices, at the first liquidation of a vault and day',
        holds: top * 88 >= ranks.length * 77,
        detail: `${top} of ${ranks.length} (77 of 88 is asked), ${events.length} events`,
        figures: { top, of: ranks.length, events: events.length, price, ranks },
      },
    ],
  }
}

function happened(row: table.Row) {
  return { block: table.number(row, 'BLOCK_NUMBER'), at: table.time(row, 'BLOCK_TIMESTAMP'), vault: table.text(row, 'VAULT_NUMBER') }
}

/** The last daily price not after a time. */
function priceAt(text: string, at: number): number {
  let price = Number.NaN
  for (const row of table.parse(text)) if (table.time(row, 'snapped_at') <= at) price = table.number(row, 'price')
  return price
}

/** The tables of crvUSD: loans, markets, quotes of a router. */
export type CrvusdTables = Readonly<Record<'users' | 'markets' | 'quotes', string>>

/** Which markets sell which coin, by the token whose quotes are taken. */
const complexes = [
  {
    name: 'BTC',
    symbols: ['WBTC', 'tBTC'],
    token: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
    decimals: 8,
    first: { block: 1.09, spread: 0.49 },
  },
  {
    name: 'ETH',
    symbols: ['WETH', 'wstETH', 'sfrxETH'],
    token: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
    decimals: 18,
    first: { block: 0.29, spread: 0.17 },
  },
] as const

/** What the coins are quoted in. */
const stable: Readonly<Record<string, number>> = {
  '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48': 6,
  '0xdac17f958d2ee523a2206206994597c13d831ec7': 6,
}

/** crvUSD loans: the book, and n of each coin as block sale and spread over the loans' own bands. */
export function crvusd(tables: CrvusdTables): Import {
  const markets = new Map(
    table.parse(tables.markets).map((row) => [
      table.text(row, 'market'),
      {
        symbol: table.text(row, 'collateral_symbol'),
        discount: table.number(row, 'liquidation_discount'),
        bands: { amplification: table.number(row, 'A'), base: table.number(row, 'base_price'), price: table.number(row, 'oracle_price') },
      },
    ]),
  )
  const loans = table.parse(tables.users).flatMap((row) => {
    const market = markets.get(table.text(row, 'market'))
    if (market === undefined) throw new table.CellError('market', row['market'])
    const [coins, debt] = [table.number(row, 'collateral'), table.number(row, 'debt')]
    if (debt < 1) return []
    const paid = table.number(row, 'stablecoin')
    return [{ market, user: table.text(row, 'user'), coins, paid, debt, first: table.number(row, 'n1'), last: table.number(row, 'n2') }]
  })
  const quotes = table.parse(tables.quotes)
  const checks = complexes.map(({ name, symbols, token, decimals, first }): Check => {
    const impact = impactOf(quotes, token, decimals)
    const of = (schedule: Bands.Schedule) =>
      Bands.peak(
        [...markets.values()]
          .filter(({ symbol }) => symbols.some((each) => each === symbol))
          .flatMap((market) =>
            Bands.sales(
              market.bands,
              loans.filter((loan) => loan.market === market),
              schedule,
            ),
          ),
        impact,
        0.01,
      )
    const [block, spread] = [of('block'), of('spread')]
    return {
      name: `${name} collateral: n as block sale and spread over bands`,
      holds: spread.n < block.n,
      detail: `${block.n.toFixed(2)} / ${spread.n.toFixed(2)} beside ${first.block} / ${first.spread} of a first study; worst at −${(100 * block.drop).toFixed(0)} % and −${(100 * spread.drop).toFixed(0)} %`,
      figures: { block, spread, firstStudy: first },
    }
  })
  return {
    document: {
      book: Book.of(
        // What a band has sold already has paid off so much of the debt.
        loans.map(({ market, user, coins, paid, debt }) =>
          borrower(`${market.symbol}:${user}`, market.symbol, {
            collateral: coins * market.bands.price,
            debt: debt - paid,
            threshold: 1 - market.discount,
          }),
        ),
      ),
      labels: Object.fromEntries(loans.map(({ market, user }) => [`${market.symbol}:${user}`, { market: market.symbol }])),
    },
    checks,
  }
}

/** Price impact by size of every quote of a coin into a stable one, the sizes valued at the middle of the small ones. */
function impactOf(quotes: readonly table.Row[], token: string, decimals: number) {
  const found = Object.entries(stable).flatMap(([dst, places]) => {
    const own = quotes
      .filter((row) => row['src'] === token && row['dst'] === dst)
      .map((row) => ({
        coins: table.number(row, 'in_amount') / 10 ** decimals,
        paid: table.number(row, 'out_amount') / 10 ** places,
        impact: table.number(row, 'price_impact'),
      }))
      .sort((a, b) => a.coins - b.coins)
    const small = own
      .slice(0, 50)
      .map(({ coins, paid }) => paid / coins)
      .sort((a, b) => a - b)
    const price = small[Math.floor(small.length / 2)] ?? Number.NaN
    return own.map(({ coins, impact }) => ({ flow: coins * price, move: -Math.log1p(-impact) }))
  })
  return Isotonic.fit(found)
}

/** Compound v2 accounts: supplied and borrowed tokens in ETH; cash collateral factors are not in the file, so the margin is 0. */
export function compound(text: string): Import {
  const rows = JSON.parse(text) as readonly {
    readonly address: string
    readonly total_borrow_value_in_eth: { readonly value: string }
    readonly total_collateral_value_in_eth: { readonly value: string }
  }[]
  // Collateral is stated after its factors: an account is under water where it does not cover the debt.
  const accounts = rows.map(({ address, total_borrow_value_in_eth, total_collateral_value_in_eth }) => {
    const [debt, collateral] = [Number(total_borrow_value_in_eth.value), Number(total_collateral_value_in_eth.value)]
    return borrower(address, 'WEIGHTED', { collateral, debt, threshold: 1 })
  })
  const book = Book.of(accounts.filter(({ positions }) => positions.length > 0))
  const under = accounts.filter(({ equity }) => equity < 0n).length
  return {
    document: { book, labels: {} },
    checks: [
      {
        name: 'weighted collateral below debt',
        holds: under === rows.length,
        detail: `${under} of ${rows.length} (amounts in ETH)`,
        figures: { under, of: rows.length },
      },
    ],
  }
}

/** A loan as an account: long its collateral, its equity what is not owed. */
function borrower(account: string, market: string, loan: Lending.Loan): Book.Account {
  const equity = usd(loan.collateral) - usd(loan.debt)
  const notional = usd(loan.collateral)
  return {
    account,
    equity,
    collateral: equity > 0n ? equity : 0n,
    positions: notional > 0n ? [{ market, side: 'long', notional, maintenancePpm: ppmOf(loan.threshold) }] : [],
  }
}

/** Rounding: up, so that a loan never stands longer here than there; at least 0, below 100 %. */
function ppmOf(threshold: number): number {
  return Math.min(999_999, Math.max(0, Math.ceil((1 - threshold) * 1e6 - 1e-3)))
}

/** To a millionth of a dollar. */
function usd(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 10n ** 12n
}
