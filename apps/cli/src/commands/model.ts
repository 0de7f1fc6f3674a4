/** `plimsoll model …`: data, training, backtests, calibration, and which model serves. */
import { Command } from 'commander'
import { backtest } from './model/backtest.ts'
import { train } from './model/train.ts'

/** The command group. */
export function model(): Command {
  return new Command('model')
    .description('The volatility models: data, training, proof, promotion.')
    .addCommand(train())
    .addCommand(backtest())
}
