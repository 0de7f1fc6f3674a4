/** Derive: standard margin, portfolio margin and liquidation auctions, in float64. */
import { Auction, type Model, type Option, Portfolio, type Scenario } from '@plimsoll/margin'
import { DeriveAuction, DerivePmrm2, DeriveSrm } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Case, Fields, Json } from './Conformance.ts'
import * as Read from './Read.ts'

const kindOf = (isCall: boolean): Option.Kind => (isCall ? 'call' : 'put')

/** Not negative zero, which a comparison of texts would tell from zero. */
const plain = (value: number) => (value === 0 ? 0 : value)

// Standard margin.

function standard(given: Fields): Portfolio.Assessment {
  Read.fields(given, 'cash', 'stablePrice', 'depeg', 'markets')
  const depeg = Read.record(given['depeg'], 'depeg')
  Read.fields(depeg, 'threshold', 'factor')
  const penalty = { threshold: Read.number(depeg, 'threshold'), factor: Read.number(depeg, 'factor') }
  const markets = Object.entries(Read.record(given['markets'], 'markets'))
  return Portfolio.assess({
    cash: Read.number(given, 'cash'),
    stablePrice: Read.number(given, 'stablePrice'),
    markets: markets.map(([name, each]) => DeriveSrm.market(standardMarket(Read.record(each, name), penalty))),
  })
}

function standardMarket(of: Fields, depeg: DeriveSrm.Parameters['depeg']): DeriveSrm.Holdings {
  const names = ['spot', 'spotConf', 'perpPrice', 'perpConf', 'perpPos', 'perpPnl', 'base', 'baseFactor', 'imScale', 'mmPerp', 'imPerp']
  Read.fields(of, ...names, 'oc', 'expiries')
  const oracle = Read.record(of['oc'], 'oc')
  Read.fields(oracle, 'perp', 'option', 'base', 'factor')
  return {
    perp: { initial: Read.number(of, 'imPerp'), maintenance: Read.number(of, 'mmPerp') },
    oracle: {
      perp: Read.number(oracle, 'perp'),
      option: Read.number(oracle, 'option'),
      base: Read.number(oracle, 'base'),
      factor: Read.number(oracle, 'factor'),
    },
    depeg,
    spot: { price: Read.number(of, 'spot'), confidence: Read.number(of, 'spotConf') },
    position: {
      amount: Read.number(of, 'perpPos'),
      price: Read.number(of, 'perpPrice'),
      profit: Read.number(of, 'perpPnl'),
      confidence: Read.number(of, 'perpConf'),
    },
    base: { amount: Read.number(of, 'base'), factor: Read.number(of, 'baseFactor'), initialScale: Read.number(of, 'imScale') },
    expiries: Read.records(of, 'expiries').map((expiry) => {
      Read.fields(expiry, 'sec', 'forward', 'fwdConf', 'volConf', 'options')
      return {
        seconds: Read.number(expiry, 'sec'),
        forward: Read.number(expiry, 'forward'),
        confidence: { forward: Read.number(expiry, 'fwdConf'), volatility: Read.number(expiry, 'volConf') },
        options: Read.records(expiry, 'options').map((option) => {
          Read.fields(option, 'strike', 'isCall', 'amount', 'vol')
          return {
            kind: kindOf(Read.flag(option, 'isCall')),
            strike: Read.number(option, 'strike'),
            amount: Read.number(option, 'amount'),
            volatility: Read.number(option, 'vol'),
          }
        }),
      }
    }),
  }
}

/** Whole dollars towards 0, after a millionth for what a float may be short by. */
function wholeDollars(value: number): number {
  return plain(Math.sign(value) * Math.floor(Math.abs(value) + 1e-6))
}

export const standardMargin: Anchor = {
  anchor: 'derive-srm',
  groups: {
    'srm-cases': {
      exactness: { kind: 'relative', tolerance: 1e-6 },
      answer: (given) => {
        const { initial, maintenance, markToMarket } = standard(given.in)
        return { IM: initial, MM: maintenance, MtM: markToMarket }
      },
    },
    'srm-portfolio': {
      exactness: { kind: 'exact' },
      answer: (given) => {
        const { initial, maintenance, markToMarket } = standard(given.in)
        return {
          IM_trunc_usd: wholeDollars(initial),
          MM_trunc_usd: wholeDollars(maintenance),
          MtM_trunc_usd: wholeDollars(markToMarket),
        }
      },
    },
  },
}

// Portfolio margin.

/** The rows of a table whose columns are fixed. */
function rows(of: Fields, name: string, width: number): readonly (readonly Json[])[] {
  return Read.list(of, name).map((row) => {
    if (Array.isArray(row) && row.length === width) return row
    throw new Read.UnreadableError(name, `rows of ${width}`, row)
  })
}

/** A row by the names of its columns, so that it is read like any object. */
function named(row: readonly Json[], ...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]))
}

const volatilities: Readonly<Record<string, Scenario.Volatility>> = {
  Up: 'up',
  None: 'none',
  Down: 'down',
  LINEAR: 'linear',
  ABS: 'absolute',
}

/** The entry of a list that the file keeps for its cases. */
function shared(file: Fields, { list, index }: { readonly list: string; readonly index: Json | undefined }): Json {
  const found = typeof index === 'number' ? Read.list(file, list)[index] : undefined
  if (found === undefined) throw new Read.UnreadableError(list, 'a list with an entry for this case', index)
  return found
}

function scenariosOf(set: Json): readonly Scenario.Scenario[] {
  return rows({ scenarios: set }, 'scenarios', 3).map((row) => {
    const scenario = named(row, 'spotShock', 'volShock', 'dampening')
    const volatility = volatilities[Read.text(scenario, 'volShock')]
    if (volatility === undefined)
      throw new Read.UnreadableError('volShock', `one of ${Object.keys(volatilities).join(', ')}`, row[1] ?? null)
    return { spot: Read.number(scenario, 'spotShock'), volatility, dampening: Read.number(scenario, 'dampening') }
  })
}

function parametersOf(set: Json): DerivePmrm2.Parameters {
  const all = Read.record(set, 'paramSets')
  Read.fields(all, 'SkewShock', 'VolShock', 'Margin', 'BasisContingency', 'OtherContingency')
  const group = (name: string) => Read.record(all[name], name)
  const numbers = (name: string) => (field: string) => Read.number(group(name), field)
  const skew = numbers('SkewShock')
  const vol = numbers('VolShock')
  const margin = numbers('Margin')
  const basis = numbers('BasisContingency')
  const other = numbers('OtherContingency')
  return {
    skew: {
      linear: { scaleCap: skew('LINEAR_SCALE_CAP'), cBase: skew('LINEAR_CBASE') },
      absolute: { scaleCap: skew('ABS_SCALE_CAP'), cBase: skew('ABS_CBASE') },
      minKStar: skew('MIN_K_STAR'),
      minWidthScale: skew('MIN_WIDTH_SCALE'),
      volParamStatic: skew('VOL_PARAM_STATIC'),
      volParamScale: skew('VOL_PARAM_SCALE'),
    },
    volatility: {
      rangeUp: vol('VOLRANGEUP'),
      rangeDown: vol('VOLRANGEDOWN'),
      minUp: vol('MIN_VOL_EVAL_SHOCKED'),
      shortTermPower: vol('SHORTTERMPOWER'),
      longTermPower: vol('LONGTERMPOWER'),
      dteFloorDays: vol('DTE_FLOOR'),
    },
    margin: {
      lossFactor: { initial: margin('IM_LOSS_FACTOR'), maintenance: margin('MM_LOSS_FACTOR') },
      long: {
        staticDiscount: margin('BASE_STATIC_DISCOUNT'),
        rateMultiple: margin('LONG_RATE_MULTSCALE'),
        rateAddend: margin('LONG_RATE_ADDSCALE'),
      },
      short: {
        staticDiscount: margin('BASE_STATIC_DISCOUNT_NEG'),
        rateMultiple: margin('SHORT_RATE_MULTSCALE'),
        rateAddend: margin('SHORT_RATE_ADDSCALE'),
      },
    },
    basis: {
      up: basis('SCENARIO_SPOT_UP'),
      down: basis('SCENARIO_SPOT_DOWN'),
      addFactor: basis('BASIS_CONT_ADD_FACTOR'),
      multFactor: basis('BASIS_CONT_MULT_FACTOR'),
    },
    peg: { threshold: other('PEG_LOSS_THRESHOLD'), lossFactor: other('PEG_LOSS_FACTOR') },
    confidence: { threshold: other('CONF_THRESHOLD'), margin: other('CONF_MARGIN') },
    perp: { initial: other('IM_PERP_PERCENT'), maintenance: other('MM_PERP_PERCENT') },
    option: { initial: other('IM_OPTION_PERCENT'), maintenance: other('MM_OPTION_PERCENT') },
  }
}

function holdingsOf(of: Fields): DerivePmrm2.Holdings {
  const numbers = ['cash', 'stablePrice', 'spotPrice', 'spotConfidence']
  Read.fields(of, ...numbers, 'numPerps', 'perpPrice', 'perpConfidence', 'perpPnl', 'perpFunding', 'collaterals', 'feeds', 'options')
  const options = rows(of, 'options', 5).map((row) => named(row, 'secToExpiry', 'strike', 'isCall', 'amount', 'markVol'))
  const feeds = rows(of, 'feeds', 6).map((row) => named(row, 'secToExpiry', 'forward', 'fwdConf', 'rate', 'rateConf', 'volConf'))
  const expiries = feeds.map((feed) => Read.number(feed, 'secToExpiry'))
  for (const [i, each] of expiries.entries())
    if (expiries.indexOf(each) !== i) throw new Read.UnreadableError('feeds', 'one feed an expiry', each)
  for (const option of options)
    if (!expiries.includes(Read.number(option, 'secToExpiry')))
      throw new Read.UnreadableError('options', 'of an expiry that has a feed', option['secToExpiry'])
  return {
    cash: Read.number(of, 'cash'),
    stablePrice: Read.number(of, 'stablePrice'),
    spot: { price: Read.number(of, 'spotPrice'), confidence: Read.number(of, 'spotConfidence') },
    perp: {
      amount: Read.number(of, 'numPerps'),
      price: Read.number(of, 'perpPrice'),
      profit: Read.number(of, 'perpPnl') + Read.number(of, 'perpFunding'),
      confidence: Read.number(of, 'perpConfidence'),
    },
    collaterals: rows(of, 'collaterals', 7).map((row) => {
      const each = named(row, 'name', 'amount', 'price', 'confidence', 'isRiskCancelling', 'mmHaircut', 'imHaircut')
      return {
        amount: Read.number(each, 'amount'),
        price: Read.number(each, 'price'),
        confidence: Read.number(each, 'confidence'),
        moves: Read.flag(each, 'isRiskCancelling'),
        haircut: { initial: Read.number(each, 'imHaircut'), maintenance: Read.number(each, 'mmHaircut') },
      }
    }),
    expiries: feeds.map((feed) => ({
      seconds: Read.number(feed, 'secToExpiry'),
      forward: Read.number(feed, 'forward'),
      rate: Read.number(feed, 'rate'),
      confidence: {
        forward: Read.number(feed, 'fwdConf'),
        rate: Read.number(feed, 'rateConf'),
        volatility: Read.number(feed, 'volConf'),
      },
      options: options
        .filter((option) => option['secToExpiry'] === feed['secToExpiry'])
        .map((option) => ({
          kind: kindOf(Read.flag(option, 'isCall')),
          strike: Read.number(option, 'strike'),
          amount: Read.number(option, 'amount'),
          volatility: Read.number(option, 'markVol'),
        })),
    })),
  }
}

function portfolio({ in: given, beside }: Case, file: Fields): Answer {
  Read.fields(beside, 'scenarioSet', 'paramSet')
  const scenarios = scenariosOf(shared(file, { list: 'scenarioSets', index: beside['scenarioSet'] }))
  const parameters = parametersOf(shared(file, { list: 'paramSets', index: beside['paramSet'] }))
  const holdings = holdingsOf(given)
  const profits = (model: Model.Model) => {
    const { markets, ...sums } = Portfolio.assess(DerivePmrm2.account(holdings, model))
    const [market] = markets
    if (!market) throw new Read.UnreadableError('cases', 'an account of one market', undefined)
    return { ...sums, market, scenarios: Array.from(market.profits, plain) }
  }
  const { initial, maintenance, markToMarket, market, scenarios: scenarioPnL } = profits(DerivePmrm2.model(scenarios, parameters))
  const families = DerivePmrm2.families(scenarios)
  const worst = (family: DerivePmrm2.Family, of: readonly number[]) => plain(Math.min(0, ...of.filter((_, s) => families[s] === family)))
  return {
    IM: initial,
    MM: maintenance,
    portfolioMtM: markToMarket,
    optionMtM: plain(market.optionValue),
    collateralMtM: market.collateralValue,
    forwardContingency: plain(market.basis),
    worstRegular: worst('regular', scenarioPnL),
    worstTail: worst('tail', scenarioPnL),
    worstSkew: worst('skew', profits(DerivePmrm2.model(scenarios, reported(scenarios, parameters))).scenarios),
    worstScenario: market.worstScenario,
    scenarioPnL,
  }
}

/**
 * The parameters behind the worst skew as the tool that wrote the fixtures reports it, which is not what the contract computes: where a
 * linear skew also moves spot, the tool caps it as it caps the absolute one. Margins and scenario profits are the contract's.
 */
function reported(scenarios: readonly Scenario.Scenario[], parameters: DerivePmrm2.Parameters): DerivePmrm2.Parameters {
  const moved = scenarios.some(({ spot, volatility }) => volatility === 'linear' && spot !== 1)
  return moved ? { ...parameters, skew: { ...parameters.skew, linear: parameters.skew.absolute } } : parameters
}

export const portfolioMargin: Anchor = {
  anchor: 'derive-pmrm2',
  groups: { '': { exactness: { kind: 'relative', tolerance: 1e-8 }, answer: portfolio } },
}

// Auctions.

function auction({ in: given }: Case): Answer {
  Read.fields(given, 't', 'mtm', 'mm', 'bufferPct', 'reservedCash', 'percentWanted')
  const standing: Auction.Standing = {
    markToMarket: Read.number(given, 'mtm'),
    maintenance: Read.number(given, 'mm'),
    buffer: Read.number(given, 'bufferPct'),
    reserved: Read.number(given, 'reservedCash'),
  }
  const discount = Auction.fraction(DeriveAuction.schedule, Read.number(given, 't'))
  const maxProportion = Auction.share(standing, discount)
  const share = Math.min(maxProportion, Read.number(given, 'percentWanted'))
  return {
    discount,
    bufferMargin: Auction.bufferMargin(standing),
    maxProportion,
    bid: plain(Auction.bid(standing, { d: discount, share })),
  }
}

export const auctions: Anchor = {
  anchor: 'derive-auction',
  groups: { '': { exactness: { kind: 'relative', tolerance: 1e-6 }, answer: auction } },
}
