// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {LimitGuarded} from "../contracts/LimitGuarded.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpMoney} from "../contracts/PerpMoney.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev Admission and trading.
contract PerpVenueTest is VenueTest {
    function setUp() public {
        deployVenue();
    }

    // ---------------------------------------------------------------- admission

    function test_open_worked_example() public {
        deposit(alice, 2_010e6); // 10 ETH: 2,000 initial margin and 10 fee
        vm.expectEmit(address(venue));
        emit PerpPositions.PositionChanged(alice, ETH, 10e18, 10e18, 2_000e18, 2_000e18, 0, 10e18);
        open(alice, ETH, 10e18);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.collateral, 2_000e18, "collateral less fee");
        equal(a.im, 2_000e18, "initial margin");
        equal(a.mm, 1_000e18, "maintenance margin");
        equal(a.equity, 2_000e18, "equity");
        equal(a.positions[0].notional, 20_000e18, "notional");
        equal(venue.pool(), 1_000_010e6, "the fee is the pool's");
    }

    function test_open_edge_one_unit_short() public {
        deposit(alice, 2_010e6 - 1);
        refuse(alice, ETH, 10e18, LimitGuarded.MarginExceeded.selector);
    }

    function test_open_edge_certificate_carries_more_at_its_own_rate() public {
        certify(alice, ETH, 20_000e18, 1_610e18, 80_000);
        refuse(alice, ETH, 10e18 + 1, LimitGuarded.LimitExceeded.selector);
        open(alice, ETH, 10e18); // 8 % of 20,000 and 10 fee, on credit alone
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.im, 1_600e18, "at the certificate's rate");
        equal(a.unsettledLoss, 10e18, "the fee is owed");
        equal(a.equity, 1_600e18, "credit less fee");
        equal(a.raiseEquity, -10e18, "without credit");
    }

    function test_open_edge_certificate_short_by_a_unit_of_credit() public {
        certify(alice, ETH, 20_000e18, 1_610e18 - 1, 80_000);
        refuse(alice, ETH, 10e18, LimitGuarded.MarginExceeded.selector);
    }

    function test_open_edge_rate_never_below_maintenance_margin() public {
        certify(alice, ETH, 20_000e18, 1_009e18, 10_000); // 1 %, while maintenance margin is 5 %
        refuse(alice, ETH, 10e18, LimitGuarded.MarginExceeded.selector);
        certify(alice, ETH, 20_000e18, 1_010e18, 10_000);
        open(alice, ETH, 10e18);
        equal(venue.accountOf(alice).im, 1_000e18, "the floor");
    }

    function test_open_edge_after_expiry_only_own_collateral_at_static_rates() public {
        certify(alice, ETH, 20_000e18, 50_000e18, 80_000);
        vm.warp(START + 301);
        refuse(alice, ETH, 1e18, LimitGuarded.MarginExceeded.selector);
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        refuse(alice, ETH, 1, LimitGuarded.LimitExceeded.selector); // never above the last accepted
    }

    function test_open_edge_a_cut_outlives_its_expiry() public {
        deposit(alice, 1_000_000e6);
        certify(alice, ETH, 10_000e18, 0, 80_000);
        vm.warp(START + 301);
        refuse(alice, ETH, 5e18 + 1, LimitGuarded.LimitExceeded.selector);
        open(alice, ETH, 5e18);
        open(alice, BTC, 1e18); // a market never certified knows no cut
    }

    function test_open_edge_a_new_epoch_ends_credit() public {
        certify(alice, ETH, 20_000e18, 50_000e18, 80_000);
        vm.prank(guardian);
        book.bumpEpoch();
        refuse(alice, ETH, 1e18, LimitGuarded.MarginExceeded.selector);
    }

    function test_open_edge_other_markets_count() public {
        deposit(alice, 6_030e6);
        open(alice, BTC, 1e18); // 4,000 and 20 fee
        open(alice, ETH, 10e18); // 2,000 and 10 fee: nothing is left
        refuse(alice, ETH, 1e15, LimitGuarded.MarginExceeded.selector);
        equal(venue.accountOf(alice).im, 6_000e18, "sum over markets");
    }

    function test_open_edge_gains_carry_no_risk_losses_take_it() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(4_000e8); // 20,000 gained
        refuse(alice, BTC, 1e16, LimitGuarded.MarginExceeded.selector);
        equal(venue.accountOf(alice).raiseEquity, 2_000e18, "gains count nothing for a raise");
        equal(venue.accountOf(alice).equity, 22_000e18, "and count against maintenance");

        eth.set(1_900e8);
        equal(venue.accountOf(alice).raiseEquity, 1_000e18, "losses count in full");
    }

    function test_open_edge_open_interest_is_capped_per_side() public {
        deposit(alice, 10_000_000e6);
        deposit(bob, 10_000_000e6);
        open(alice, ETH, 5_000e18); // 10,000,000: all there is
        refuse(bob, ETH, 1e18, PerpPositions.OpenInterestExceeded.selector);
        open(bob, ETH, -5_000e18);
        PerpMarkets.MarketView memory m = venue.marketOf(ETH);
        equal(m.longNotional, 10_000_000e18, "long");
        equal(m.shortNotional, 10_000_000e18, "short");
    }

    function test_open_error() public {
        deposit(alice, 1_000e6);
        refuse(alice, ETH, 0, PerpMoney.ZeroAmount.selector);
        refuse(alice, "XAU-PERP", 1e18, PerpMarkets.UnknownMarket.selector);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(PerpPositions.PriceBeyondLimit.selector, 2_000e18, 2_000e18 - 1));
        venue.open(ETH, 1e18, 2_000e18 - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(PerpPositions.PriceBeyondLimit.selector, 2_000e18, 2_000e18 + 1));
        venue.open(ETH, -1e18, 2_000e18 + 1);
        vm.prank(alice);
        venue.open(ETH, 1e18, 2_000e18);
        vm.prank(guardian);
        venue.pause();
        refuse(alice, ETH, 1e18, Pausable.EnforcedPause.selector);
    }

    function test_price_error() public {
        deposit(alice, 10_000e6);
        open(alice, ETH, 1e18);
        eth.setAt(2_000e8, START - 1 hours - 1);
        refuse(alice, ETH, 1e18, PerpMarkets.PriceStale.selector);
        refuse(alice, BTC, 1e15, PerpMarkets.PriceStale.selector); // the other position cannot be valued
        eth.setAt(2_000e8, START + 1);
        refuse(alice, ETH, 1e18, PerpMarkets.PriceStale.selector);
        eth.setAt(2_000e8, START - 1 hours);
        open(alice, ETH, 1e18);
        eth.set(0);
        refuse(alice, ETH, 1e18, PerpMarkets.PriceNotPositive.selector);
        eth.set(-1);
        refuse(alice, ETH, 1e18, PerpMarkets.PriceNotPositive.selector);
    }

    // ---------------------------------------------------------------- positions

    function test_position_averages_its_entry() public {
        deposit(alice, 100_000e6);
        open(alice, ETH, 2e18);
        eth.set(2_300e8);
        open(alice, ETH, 1e18);
        PerpVenue.PositionView memory p = venue.accountOf(alice).positions[0];
        equal(p.size, 3e18, "size");
        equal(p.entryPrice, 2_100e18, "average of 2,000 twice and 2,300");
        equal(p.unrealised, 600e18, "three times 200");
    }

    function test_position_realises_its_share_on_the_way_out() public {
        deposit(alice, 100_000e6);
        open(alice, ETH, -3e18); // fee 3
        eth.set(1_900e8);
        vm.expectEmit(address(venue));
        emit PerpPositions.PositionChanged(alice, ETH, 1e18, -2e18, 1_900e18, 2_000e18, 100e18, 0);
        vm.prank(alice);
        venue.reduce(ETH, 1e18, MAX);
        equal(collateral(alice), 100_000e18 - 3e18 + 100e18, "paid by the pool");
        vm.prank(alice);
        venue.reduce(ETH, MAX, MAX);
        equal(collateral(alice), 100_000e18 - 3e18 + 300e18, "all of it");
        equal(venue.accountOf(alice).positions.length, 0, "closed");
        (, uint256 total) = venue.accountsWithPositions(0, 10);
        equal(total, 0, "nobody left");
    }

    function test_position_through_zero_pays_for_what_it_opens() public {
        deposit(alice, 100_000e6);
        open(alice, ETH, 2e18); // fee 2
        eth.set(2_100e8);
        open(alice, ETH, -5e18); // closes 2 for 200, opens 3 short: fee 3.15
        PerpVenue.PositionView memory p = venue.accountOf(alice).positions[0];
        equal(p.size, -3e18, "size");
        equal(p.entryPrice, 2_100e18, "entry");
        equal(collateral(alice), 100_000e18 - 2e18 + 200e18 - 3.15e18, "collateral");
    }

    function test_open_edge_less_of_the_same_needs_no_margin_and_no_fee() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_850e8); // 500 left, below margin for any raise
        refuse(alice, ETH, 1, LimitGuarded.MarginExceeded.selector);
        open(alice, ETH, -9e18);
        equal(venue.accountOf(alice).positions[0].size, 1e18, "reduced");
        equal(collateral(alice), 2_000e18 - 1_350e18, "no fee");
    }

    function test_open_edge_closing_all_is_no_raise() public {
        deposit(alice, 2_010e6);
        deposit(bob, 2_010e6);
        open(alice, ETH, 10e18);
        open(bob, ETH, -10e18);
        eth.set(1_700e8); // alice lost 3,000 of 2,000
        open(alice, ETH, -10e18);
        eth.set(2_300e8); // and so did bob
        open(bob, ETH, 10e18);
        equal(venue.accountOf(alice).unsettledLoss, 1_000e18, "alice");
        equal(venue.accountOf(bob).unsettledLoss, 1_000e18, "bob");
    }

    // ---------------------------------------------------------------- least notional

    /// @dev A market at 2,000 in which a hundred dollars are the least.
    function least() private returns (bytes32 market) {
        market = "LEAST-PERP";
        PerpMarkets.MarketConfig memory c = config(market, eth);
        c.minNotional = 100e18;
        vm.prank(owner);
        venue.addMarket(c);
        deposit(alice, 10_000e6);
    }

    function test_open_worked_example_least_notional() public {
        bytes32 market = least();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(PerpPositions.NotionalTooSmall.selector, 98e18, 100e18));
        venue.open(market, 0.049e18, MAX);
        open(alice, market, 0.05e18); // just enough
        open(alice, market, 0.0001e18); // what is added is not held to it
        refuse(alice, market, -0.0002e18, PerpPositions.NotionalTooSmall.selector); // less of the same leaves too little
        refuse(alice, market, -0.1e18, PerpPositions.NotionalTooSmall.selector); // the other side as well
        open(alice, market, -0.1002e18); // 0.0501 short
        open(alice, market, 0.0501e18); // all of it
        equal(venue.accountOf(alice).positions.length, 0, "closed");
        open(alice, ETH, 1); // another market has none
    }

    function test_reduce_edge_leaves_the_least_or_nothing() public {
        bytes32 market = least();
        open(alice, market, 0.1e18);
        vm.startPrank(alice);
        vm.expectPartialRevert(PerpPositions.NotionalTooSmall.selector);
        venue.reduce(market, 0.05e18 + 1e15, 0);
        venue.reduce(market, 0.05e18, 0);
        vm.stopPrank();
        eth.set(1_000e8); // worth 50 now, and stays
        vm.startPrank(alice);
        vm.expectPartialRevert(PerpPositions.NotionalTooSmall.selector);
        venue.reduce(market, 0.01e18, 0);
        vm.expectPartialRevert(PerpPositions.NotionalTooSmall.selector);
        venue.open(market, 0.01e18, MAX);
        venue.open(market, 0.05e18, MAX); // up to the least again
        venue.reduce(market, MAX, 0); // all of it, whatever it is worth
        vm.stopPrank();
        equal(venue.accountOf(alice).positions.length, 0, "closed");
    }

    function test_reduce_edge_in_a_pause() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        vm.prank(guardian);
        venue.pause();
        vm.prank(alice);
        venue.reduce(ETH, 10e18, 0);
    }

    function test_reduce_error() public {
        deposit(alice, 2_010e6);
        vm.prank(alice);
        vm.expectPartialRevert(PerpPositions.NoPosition.selector);
        venue.reduce(ETH, 1, 0);
        open(alice, ETH, 10e18);
        vm.startPrank(alice);
        vm.expectRevert(PerpMoney.ZeroAmount.selector);
        venue.reduce(ETH, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(PerpPositions.ReduceTooLarge.selector, 10e18 + 1, 10e18));
        venue.reduce(ETH, 10e18 + 1, 0);
        vm.expectPartialRevert(PerpPositions.PriceBeyondLimit.selector);
        venue.reduce(ETH, 1e18, 2_000e18 + 1);
        vm.stopPrank();
    }

    function test_rounding_is_against_the_account() public {
        deposit(alice, 1_000e6);
        eth.set(2_000e8 + 1); // 2000.00000001
        open(alice, ETH, 3); // three billionths of a billionth
        equal(collateral(alice), 1_000e18 - 1e12, "the least fee is one unit of the token");
        equal(venue.accountOf(alice).positions[0].notional, 6_001, "up");
        equal(venue.accountOf(alice).positions[0].unrealised, -1, "bought up, valued down");
        equal(venue.accountOf(alice).im, 601, "up");
        equal(venue.accountOf(alice).mm, 301, "up");
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0);
        equal(collateral(alice), 1_000e18 - 2e12, "the loss of 1 is rounded to a unit");
    }

    function test_rounding_of_a_part_is_against_the_account() public {
        deposit(alice, 1_000e6);
        eth.set(2_000e8 + 1);
        open(alice, ETH, 3); // bought for 6,001: fee one unit
        vm.prank(alice);
        venue.reduce(ETH, 1, 0); // takes 2,001 of it along, is worth 2,000
        equal(collateral(alice), 1_000e18 - 2e12, "the loss of 1 is rounded to a unit");
        equal(venue.accountOf(alice).positions[0].unrealised, 0, "4,000 less 4,000");
    }

    function test_rounding_of_a_gain_is_against_the_account() public {
        deposit(alice, 1_000e6);
        open(alice, ETH, 1e9);
        eth.set(2_999e8);
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0); // gains 999e9, less than a unit
        equal(collateral(alice), 1_000e18 - 1e12, "less the fee, and no gain");
        open(alice, ETH, 1e9);
        eth.set(4_000e8);
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0); // gains 1,001e9
        equal(collateral(alice), 1_000e18 - 1e12, "one unit of fee, one of gain");
    }

    // ---------------------------------------------------------------- views

    function test_book_worked_example() public {
        deposit(alice, 100_000e6);
        deposit(bob, 100_000e6);
        deposit(keeper, 1e6);
        open(alice, ETH, 2e18);
        open(bob, ETH, -1e18);
        open(bob, BTC, 1e18);
        (PerpMarkets.MarketView[] memory markets, PerpVenue.AccountView[] memory accounts, uint256 total) =
            venue.book(0, 100);
        equal(total, 2, "two of three have a position");
        equal(accounts.length, 2, "both on this page");
        equal(markets.length, 2, "both markets");
        equal(markets[0].longNotional, 4_000e18, "long");
        equal(markets[0].shortNotional, 2_000e18, "short");
        holds(markets[0].fresh, "fresh");
        (, accounts, total) = venue.book(1, 100);
        equal(accounts.length, 1, "second page");
        equal(accounts[0].account, bob, "bob");
        equal(accounts[0].positions.length, 2, "his two positions");
        (, accounts,) = venue.book(7, 100);
        equal(accounts.length, 0, "beyond the end");
    }

    function testFuzz_reduce_never_raises_a_requirement(uint96 size, uint64 part, uint32 price, bool short) public {
        uint256 opened = bound(size, 1e12, 1_000e18);
        deposit(alice, 10_000_000e6);
        open(alice, ETH, short ? -int256(opened) : int256(opened));
        open(alice, BTC, 1e18);
        eth.set(int256(bound(price, 1e8, 40e8)) * 100);
        PerpVenue.AccountView memory before = venue.accountOf(alice);
        vm.prank(alice);
        venue.reduce(ETH, bound(part, 1, opened), short ? MAX : 0);
        PerpVenue.AccountView memory afterwards = venue.accountOf(alice);
        holds(afterwards.im <= before.im && afterwards.mm <= before.mm, "requirements did not rise");
        holds(afterwards.equity + 2e12 >= before.equity, "equity did not fall but by rounding");
    }
}
