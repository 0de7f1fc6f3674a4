/** `plimsoll model …`: data, training, proof, and which model serves. */
import { Command } from 'commander'
import { backtest } from './model/backtest.ts'
import { calibrate } from './model/calibrate.ts'
import { data } from './model/data.ts'
import { drift } from './model/drift.ts'
import { forecast } from './model/forecast.ts'
import { card, compare, promote, rollback } from './model/registry.ts'
import { report } from './model/report.ts'
import { train } from './model/train.ts'

/** The command group. */
export function model(): Command {
  return [data(), train(), backtest(), forecast(), calibrate(), compare(), promote(), rollback(), drift(), card(), report()].reduce(
    (group, command) => group.addCommand(command),
    new Command('model').description('The volatility models: data, training, proof, promotion. Exit 2 when the gate refuses.'),
  )
}
