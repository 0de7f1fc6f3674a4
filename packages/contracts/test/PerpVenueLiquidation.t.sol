// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitGuarded} from "../contracts/LimitGuarded.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpMoney} from "../contracts/PerpMoney.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {HostileToken} from "../contracts/testing/HostileToken.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev Liquidation, and the money that moves at a close.
contract PerpVenueLiquidationTest is VenueTest {
    function setUp() public {
        deployVenue();
    }

    function liquidate(address account, bytes32 market) internal {
        vm.prank(keeper);
        venue.liquidate(account, market);
    }

    function refuseLiquidation(address account, bytes32 market, bytes4 reason) internal {
        vm.expectPartialRevert(reason);
        venue.liquidate(account, market);
    }

    // ---------------------------------------------------------------- when

    function test_liquidate_worked_example() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18); // equity 2,000 at 2,000
        eth.set(1_894e8); // equity 940, maintenance margin 947
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Liquidated(alice, ETH, 10e18, 1_894e18, 1_060e18, 0, keeper, 189.4e18);
        liquidate(alice, ETH);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.positions.length, 0, "closed");
        equal(a.collateral, 940e18 - 189.4e18, "what is left");
        equal(usdc.balanceOf(keeper), 189.4e6, "one percent of 18,940");
        equal(venue.pool(), 1_000_010e6 + 1_060e6, "the loss is the pool's");
    }

    function test_liquidate_edge_equal_is_healthy() public {
        deposit(alice, 2_060e6);
        open(alice, ETH, -10e18); // equity 2,050 at 2,000
        eth.set(2_100e8);
        equal(venue.accountOf(alice).equity, 1_050e18, "2,050 less 1,000");
        equal(venue.accountOf(alice).mm, 1_050e18, "5 % of 21,000");
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector);
        eth.set(2_100e8 + 1);
        liquidate(alice, ETH);
    }

    function test_liquidate_edge_credit_and_gains_support() public {
        certify(alice, ETH, 20_000e18, 1_610e18, 80_000);
        open(alice, ETH, 10e18);
        vm.warp(START + 301); // expiry liquidates nobody
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector);
        vm.prank(guardian);
        book.bumpEpoch(); // nor does a revocation
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector);
        deposit(alice, 6_030e6);
        open(alice, BTC, 1e18);
        btc.set(50_000e8); // 10,000 gained there
        eth.set(1_000e8); // 10,000 lost here
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector);
    }

    function test_liquidate_edge_a_stale_price_liquidates_nobody() public {
        deposit(alice, 10_000e6);
        open(alice, ETH, 10e18);
        open(alice, BTC, 0.1e18);
        eth.set(1_000e8);
        btc.setAt(40_000e8, START - 1 hours - 1);
        refuseLiquidation(alice, BTC, PerpMarkets.PriceStale.selector); // this market's own
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector); // 0.1 BTC may be worth 20,000
        btc.set(40_000e8);
        liquidate(alice, ETH);
    }

    // ---------------------------------------------------------------- a feed that is out

    /// @dev Ten ETH that lost 1,100 of 2,010; and some BTC, of which the feed says nothing since.
    function outage(address account, uint256 collateral_, int256 size) private {
        eth.set(2_000e8);
        btc.set(40_000e8);
        deposit(account, collateral_);
        open(account, ETH, 10e18);
        open(account, BTC, size);
        eth.set(1_890e8);
        btc.setAt(40_000e8, START - 1 hours - 1);
    }

    function test_liquidate_worked_example_dust_of_which_the_feed_is_out_shields_nobody() public {
        outage(alice, 2_020e6, 0.0001e18); // 4 dollars, at most 20: equity 926 at best, maintenance margin 946
        liquidate(alice, ETH);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.positions.length, 1, "the dust stays");
        equal(a.positions[0].size, 0.0001e18, "as it is");
        refuseLiquidation(alice, BTC, PerpMarkets.PriceStale.selector);
    }

    function test_liquidate_edge_dust_sold_short_gains_at_most_what_it_was_sold_for() public {
        outage(alice, 2_020e6, -0.0008e18); // sold for 32: equity 910 + 32 at best, maintenance margin 945 and nothing more
        liquidate(alice, ETH);
        outage(bob, 2_020e6, -0.0009e18); // for 36
        refuseLiquidation(bob, ETH, PerpLiquidations.Healthy.selector);
    }

    function test_liquidate_edge_a_day_more_as_much_more() public {
        outage(alice, 2_020e6, 0.0002e18); // at best 40 − 8 = 32 more on 910, 72 in the second day; 945 and 2 or 4
        vm.warp(START - 1 hours - 1 + 1 days - 1);
        eth.set(1_890e8);
        liquidate(alice, ETH);
    }

    function test_liquidate_edge_in_the_second_day_it_may_be_worth_twice_that() public {
        outage(alice, 2_020e6, 0.0002e18);
        vm.warp(START - 1 hours - 1 + 1 days);
        eth.set(1_890e8);
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector);
    }

    function test_liquidate_edge_a_price_from_the_future_is_out_too() public {
        outage(alice, 2_020e6, 0.0001e18);
        btc.setAt(40_000e8, START + 1);
        liquidate(alice, ETH);
        outage(bob, 8_000e6, 0.1e18);
        btc.setAt(40_000e8, START + 1);
        refuseLiquidation(bob, ETH, PerpLiquidations.Healthy.selector);
    }

    function test_liquidate_edge_of_what_has_no_price_nothing_is_known() public {
        outage(alice, 2_020e6, 0.0001e18);
        btc.set(0);
        refuseLiquidation(alice, ETH, PerpMarkets.PriceNotPositive.selector);
    }

    function test_liquidate_edge_new_risk_still_asks_for_every_price() public {
        outage(alice, 2_020e6, 0.0001e18);
        deposit(alice, 100_000e6);
        refuse(alice, ETH, 1e18, PerpMarkets.PriceStale.selector);
        vm.prank(alice);
        vm.expectPartialRevert(PerpMarkets.PriceStale.selector);
        venue.withdraw(1, alice);
    }

    function test_liquidate_property_nobody_who_is_healthy_within_the_bound(
        uint256 size,
        bool short,
        uint256 price,
        uint256 truth
    ) public {
        size = bound(size, 1, 0.2e18);
        outage(alice, 3_000e6, short ? -int256(size) : int256(size));
        eth.set(int256(bound(price, 1_700e8, 2_000e8)));
        uint256 staleAt = START - 1 hours - 1;
        btc.set(int256(bound(truth, 1, 200_000e8)));
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        bool due = a.equity < int256(a.mm);
        btc.setAt(40_000e8, staleAt);
        vm.prank(keeper);
        try venue.liquidate(alice, ETH) {
            holds(due, "closed, and healthy at a price within the bound");
        } catch {}
    }

    function test_liquidate_edge_in_a_pause() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_800e8);
        vm.prank(guardian);
        venue.pause();
        liquidate(alice, ETH);
    }

    function test_liquidate_error_no_position() public {
        refuseLiquidation(alice, ETH, PerpPositions.NoPosition.selector);
    }

    // ---------------------------------------------------------------- who pays

    function test_loss_beyond_collateral_is_owed_and_beyond_credit_is_bad_debt() public {
        certify(alice, ETH, 20_000e18, 1_610e18, 80_000);
        open(alice, ETH, 10e18); // owes 10 fee
        eth.set(1_700e8); // loses 3,000
        vm.expectEmit(address(venue));
        emit PerpMoney.LossRecorded(alice, 3_000e18, 3_010e18);
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Liquidated(alice, ETH, 10e18, 1_700e18, 3_000e18, 1_400e18, keeper, 0);
        liquidate(alice, ETH);
        equal(venue.accountOf(alice).unsettledLoss, 3_010e18, "3,000 and 10 fee");
        equal(venue.accountOf(alice).equity, -1_400e18, "1,610 of credit cover the rest");

        deposit(alice, 4_000e6); // an unsettled loss is paid first
        equal(venue.accountOf(alice).unsettledLoss, 0, "settled");
        equal(collateral(alice), 990e18, "what is over");
    }

    function test_cover_loss_worked_example() public {
        certify(alice, ETH, 20_000e18, 1_610e18, 80_000);
        open(alice, ETH, 10e18); // owes 10 fee
        eth.set(1_700e8); // loses 3,000
        liquidate(alice, ETH);
        uint256 before = venue.pool();
        usdc.mint(bob, 5_000e6);
        vm.startPrank(bob);
        usdc.approve(address(venue), 5_000e6);
        vm.expectEmit(address(venue));
        emit PerpMoney.LossCovered(alice, 1_610e6, bob, "settlement");
        vm.expectEmit(address(venue));
        emit PerpMoney.LossSettled(alice, 1_610e18, 1_400e18);
        venue.coverLoss(alice, 1_610e6, "settlement");
        venue.coverLoss(alice, 3_000e6, "fund"); // never more than is owed
        vm.expectRevert(PerpMoney.ZeroAmount.selector);
        venue.coverLoss(alice, 1, "fund");
        vm.stopPrank();
        equal(venue.accountOf(alice).unsettledLoss, 0, "covered");
        equal(usdc.balanceOf(bob), 5_000e6 - 3_010e6, "the rest stays with the payer");
        equal(collateral(alice), 0, "and nothing with the loser");
        equal(venue.pool(), before + 3_010e6, "all of it is the pool's");
    }

    function test_mark_down_edge_lowers_credit_under_an_open_position() public {
        vm.prank(owner);
        book.setAsset(keccak256("WETH"), CreditBook.Asset(eth, 1 hours, 18, 0));
        certify(alice, ETH, 20_000e18, 2_000e18, 80_000);
        open(alice, ETH, 10e18); // owes 10, needs 1,000
        CreditBook.Evidence memory evidence;
        evidence.lots = new CreditBook.Lot[](1);
        evidence.lots[0] = CreditBook.Lot(keccak256("WETH"), 0.5e18, 0); // 1,000 at this chain's price
        evidence.sharePpm = 1e6;
        CreditBook.MarkDown memory order = CreditBook.MarkDown({
            account: alice,
            venue: address(venue),
            credit: 1_010e18,
            sequence: 1,
            epoch: book.epoch(),
            inputsHash: keccak256(abi.encode(evidence)),
            issuedAt: uint64(block.timestamp)
        });
        book.markDown(order, evidence, signatures(book.markDownDigestOf(order), keys[0], keys[1]));
        refuseLiquidation(alice, ETH, PerpLiquidations.Healthy.selector); // 1,010 - 10 is what it needs
        (order.credit, order.sequence) = (1_010e18 - 1, 2);
        book.markDown(order, evidence, signatures(book.markDownDigestOf(order), keys[0], keys[1]));
        liquidate(alice, ETH);
    }

    function test_deposit_error_other_decimals() public {
        HostileToken bad = new HostileToken();
        PerpVenue other = new PerpVenue(bad, book, owner, guardian);
        bad.mint(address(this), 2e6);
        bad.approve(address(other), 2e6);
        other.deposit(1e6);
        bad.setDecimals(18);
        vm.expectRevert(abi.encodeWithSelector(PerpMoney.DecimalsChanged.selector, 18, 6));
        other.deposit(1e6);
        other.withdraw(1e6, address(this));
    }

    function test_bad_debt_of_a_second_market_comes_on_top() public {
        deposit(alice, 6_030e6);
        open(alice, ETH, 10e18);
        open(alice, BTC, 1e18); // 6,000 left
        eth.set(1_000e8); // loses 10,000
        btc.set(35_000e8); // loses 5,000
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Liquidated(alice, ETH, 10e18, 1_000e18, 10_000e18, 4_000e18, keeper, 0);
        liquidate(alice, ETH);
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Liquidated(alice, BTC, 1e18, 35_000e18, 5_000e18, 5_000e18, keeper, 0);
        liquidate(alice, BTC);
        equal(venue.accountOf(alice).unsettledLoss, 9_000e18, "both");
    }

    function test_liquidation_fee_is_rounded_down() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_894e8 - 3); // one percent of 18,939.9999997 is 189.399999997
        liquidate(alice, ETH);
        equal(usdc.balanceOf(keeper), 189_399_999, "189.399999");
    }

    function test_gain_is_owed_while_the_pool_is_short() public {
        deposit(alice, 200_000e6);
        deposit(bob, 2_000_000e6);
        open(alice, ETH, 600e18); // fee 600
        eth.set(4_000e8); // 1,200,000 gained, 1,000,600 in the pool
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.collateral, 199_400e18 + 1_000_600e18, "all the pool had");
        equal(a.unpaidGain, 199_400e18, "the rest is owed");
        equal(a.raiseEquity, int256(a.collateral), "and carries no risk");
        equal(venue.pool(), 0, "empty");

        vm.expectRevert(PerpMoney.ZeroAmount.selector);
        venue.settleGain(alice);
        open(bob, ETH, 250e18); // 500 fee
        venue.settleGain(alice);
        equal(venue.accountOf(alice).unpaidGain, 198_900e18, "paid as far as it goes");

        open(alice, ETH, 100e18); // a fee of 200 is set off against what is owed
        equal(venue.accountOf(alice).unpaidGain, 198_700e18, "set off");
        equal(collateral(alice), 1_200_500e18, "not touched");
    }

    function test_gain_pays_an_unsettled_loss_first() public {
        certify(alice, ETH, 40_000e18, 10_000e18, 80_000);
        open(alice, ETH, 10e18); // owes 10
        eth.set(2_100e8);
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0);
        equal(venue.accountOf(alice).unsettledLoss, 0, "set off");
        equal(collateral(alice), 990e18, "1,000 gained less 10");
    }

    function test_withdraw_worked_example() public {
        deposit(alice, 3_010e6);
        open(alice, ETH, 10e18); // 3,000 left, 2,000 needed
        vm.startPrank(alice);
        vm.expectPartialRevert(LimitGuarded.MarginExceeded.selector);
        venue.withdraw(1_000e6 + 1, alice);
        venue.withdraw(1_000e6, alice);
        vm.stopPrank();
        equal(usdc.balanceOf(alice), 1_000e6, "out");
    }

    function test_withdraw_edge_credit_does_not_count() public {
        certify(alice, ETH, 20_000e18, 10_000e18, 80_000);
        deposit(alice, 1_610e6);
        open(alice, ETH, 10e18);
        vm.prank(alice);
        vm.expectPartialRevert(LimitGuarded.MarginExceeded.selector);
        venue.withdraw(1, alice);
    }

    function test_withdraw_error() public {
        deposit(alice, 5e6);
        vm.startPrank(alice);
        vm.expectRevert(PerpMoney.ZeroAmount.selector);
        venue.withdraw(0, alice);
        vm.expectRevert(PerpMoney.ZeroAddress.selector);
        venue.withdraw(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(PerpMoney.NotCovered.selector, 5e6 + 1, 5e6));
        venue.withdraw(5e6 + 1, alice);
        venue.withdraw(5e6, alice);
        vm.expectRevert(PerpMoney.ZeroAmount.selector);
        venue.deposit(0);
        vm.stopPrank();
    }
}
