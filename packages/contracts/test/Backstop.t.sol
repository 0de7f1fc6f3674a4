// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopInventory} from "../contracts/BackstopInventory.sol";
import {BackstopLayers} from "../contracts/BackstopLayers.sol";
import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {BackstopTerms} from "../contracts/BackstopTerms.sol";
import {LimitGuarded} from "../contracts/LimitGuarded.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev What the backstop inherits, sells and pays.
contract BackstopWaterfallTest is BackstopTest {
    function setUp() public {
        deployBackstop();
    }

    /// @dev Ten ether of Alice's, whose equity is what 2,000 leave at `price`.
    function fall(int256 price) internal {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(price);
    }

    function liquidated(address account, uint256 collateral_, int256 size, int256 price) internal {
        deposit(account, collateral_);
        open(account, ETH, size);
        eth.set(price);
        vm.prank(keeper);
        venue.liquidate(account, ETH);
    }

    // ---------------------------------------------------------------- inherit

    function test_inherit_worked_example() public {
        fall(1_820e8); // equity 200, maintenance margin 910
        vm.expectEmit(address(backstop));
        emit Backstop.Inherited(alice, ETH, 10e18, 1_820e18, 199_999_999, address(this), 0);
        backstop.inherit(alice, ETH);
        equal(venue.sizeOf(alice, ETH), 0, "taken from Alice");
        equal(venue.sizeOf(address(backstop), ETH), 10e18, "and held");
        equal(collateral(alice), 1e12, "the penalty took all but the rounding");
        equal(backstop.inventoryNotional(), 18_200e18, "notional");
        BackstopInventory.Offer memory offer = backstop.offerOf(ETH);
        equal(offer.inventory, 10e18, "all");
        equal(offer.size, 5_494_505_494_505_494_506, "10,000 at 1,820, rounded up");
        equal(offer.price, 1_820e18, "no discount yet");
        equal(backstop.insurance(), 5_000e6, "nothing was paid");
    }

    function test_inherit_edge_below_two_thirds_of_maintenance_margin() public {
        fall(1_862.08e8); // equity 620.80; two thirds of 931.04 are 620.69
        vm.expectPartialRevert(PerpLiquidations.Healthy.selector);
        backstop.inherit(alice, ETH);
        eth.set(1_862.06e8); // equity 620.60; two thirds of 931.03 are 620.69
        backstop.inherit(alice, ETH);
    }

    function test_inherit_error() public {
        fall(1_870e8); // equity 700 on 935: liquidatable, not too far gone
        vm.expectPartialRevert(PerpLiquidations.Healthy.selector);
        backstop.inherit(alice, ETH);
        eth.set(1_800e8);
        vm.prank(guardian);
        backstop.pause();
        vm.expectPartialRevert(bytes4(keccak256("EnforcedPause()")));
        backstop.inherit(alice, ETH);
        vm.prank(owner);
        backstop.unpause();
        eth.setAt(1_800e8, START - 2 hours);
        vm.expectPartialRevert(PerpMarkets.PriceStale.selector);
        backstop.inherit(alice, ETH);
        eth.set(1_800e8);
        backstop.inherit(alice, ETH);
        vm.expectPartialRevert(PerpLiquidations.OwnAccount.selector);
        venue.liquidate(address(backstop), ETH);
        vm.expectPartialRevert(PerpLiquidations.OwnAccount.selector);
        backstop.inherit(address(backstop), ETH);
    }

    function test_inherit_edge_no_more_than_the_capital_carries() public {
        deposit(alice, 20_000e6);
        open(alice, ETH, 90e18);
        eth.set(1_800e8); // equity 1,910 on 8,100; 162,000 against 150,000
        vm.expectRevert(abi.encodeWithSelector(Backstop.CapacityExceeded.selector, 162_000e18, 150_000e18));
        backstop.inherit(alice, ETH);
        supply(junior, jane, 6_000e6);
        backstop.inherit(alice, ETH);
    }

    function test_inherit_edge_opposite_inventory_nets() public {
        fall(1_820e8);
        backstop.inherit(alice, ETH);
        deposit(bob, 800e6);
        open(bob, ETH, -4e18);
        eth.set(2_000e8); // equity 76
        backstop.inherit(bob, ETH);
        equal(backstop.offerOf(ETH).inventory, 6e18, "four less");
        equal(venue.sizeOf(address(backstop), ETH), 6e18, "the same");
        // Four ether from 1,820 to 2,000 gained 720.
        holds(collateral(address(backstop)) > 900e18, "gain and penalties");
    }

    /// @dev What the own account owes is paid by the next penalty before anything else is.
    function test_inherit_edge_a_penalty_pays_an_unpaid_loss() public {
        deposit(alice, 16_800e6);
        open(alice, ETH, 80e18);
        eth.set(1_800e8);
        backstop.inherit(alice, ETH);
        eth.set(800e8);
        backstop.surrender(ETH); // all layers paid, and some is owed yet
        uint256 owed = venue.accountOf(address(backstop)).unsettledLoss;
        deposit(bob, 810e6);
        open(bob, ETH, 10e18);
        eth.set(740e8); // equity 206 on 370
        vm.prank(address(backstop));
        (,, uint256 paid) = venue.inherit(bob, ETH, 20_000);
        equal(paid, 148e6, "two percent of 7,400");
        equal(venue.accountOf(address(backstop)).unsettledLoss, owed - 148e18, "less is owed");
        equal(collateral(address(backstop)), 0, "and nothing lies beside it");
    }

    // ---------------------------------------------------------------- the auction

    function test_bid_edge_what_is_inherited_may_be_less_than_a_market_s_least() public {
        bytes32 market = "LEAST-PERP";
        PerpMarkets.MarketConfig memory c = config(market, eth);
        c.minNotional = 1_000e18;
        vm.prank(owner);
        venue.addMarket(c);
        deposit(bob, 101e6);
        open(bob, market, 0.5e18);
        eth.set(1_840e8); // worth 920, equity 20.5 on 46
        backstop.inherit(bob, market);
        deposit(carol, 1_000e6);
        vm.prank(carol);
        backstop.bid(market, MAX, MAX);
        equal(venue.sizeOf(carol, market), 0.5e18, "all of it");
        vm.prank(carol);
        vm.expectPartialRevert(PerpPositions.NotionalTooSmall.selector);
        venue.reduce(market, 0.1e18, 0); // by her own word she keeps the least, or nothing
    }

    function test_bid_worked_example() public {
        fall(1_860e8); // equity 600 on 18,600: two percent of it are left behind, 372
        backstop.inherit(alice, ETH);
        deposit(bob, 20_000e6);
        vm.warp(START + 120);
        BackstopInventory.Offer memory offer = backstop.offerOf(ETH);
        equal(offer.discountPpm, 10_000, "a fifth of the way to five percent");
        equal(offer.price, 1_841.4e18, "1 % below");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Backstop.BidBeyondLimit.selector, 1_841.4e18, 1_841.4e18 - 1));
        backstop.bid(ETH, 4e18, 1_841.4e18 - 1);
        vm.expectEmit(address(backstop));
        emit Backstop.Sold(ETH, bob, 4e18, 1_860e18, 1_841.4e18, 74.4e6);
        vm.prank(bob);
        backstop.bid(ETH, 4e18, 1_841.4e18);
        equal(venue.sizeOf(bob, ETH), 4e18, "Bob's now");
        equal(collateral(bob), 20_074.4e18, "with the discount");
        equal(collateral(address(backstop)), 297.6e18, "which the penalty paid");
        equal(junior.held(), 20_000e6, "and no layer");
        equal(backstop.chargeOf(ETH), 223.2e6, "six tenths of 372 are left for the rest");
        vm.prank(bob);
        backstop.bid(ETH, MAX, MAX); // 10,000 at 1,860
        equal(backstop.offerOf(ETH).inventory, 10e18 - 4e18 - 5_376_344_086_021_505_377, "the rest");
        equal(backstop.offerOf(ETH).discountPpm, 0, "the next lot starts at the mark");
    }

    /// @dev A lot's time goes back by what was taken of it: who takes a crumb stops no discount.
    function test_bid_edge_a_crumb_stops_no_auction() public {
        fall(1_860e8);
        backstop.inherit(alice, ETH);
        deposit(bob, 20_000e6);
        vm.warp(START + 120);
        vm.startPrank(bob);
        for (uint256 i = 0; i < 50; ++i) {
            backstop.bid(ETH, 1, MAX);
        }
        vm.stopPrank();
        equal(backstop.offerOf(ETH).startedAt, START, "it goes on");
        uint256 half = uint256(backstop.offerOf(ETH).size) / 2;
        vm.prank(bob);
        backstop.bid(ETH, half, MAX);
        equal(backstop.offerOf(ETH).startedAt, START + 59, "half the time for half the lot, less a second of rounding");
    }

    function test_bid_edge_of_a_short() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, -10e18);
        eth.set(2_140e8); // equity 600 on 21,400: two percent are 428
        backstop.inherit(alice, ETH);
        deposit(bob, 5_000e6);
        vm.warp(START + 600);
        equal(backstop.offerOf(ETH).price, 2_182.8e18, "2 % above, which is all that was left behind");
        vm.startPrank(bob);
        vm.expectPartialRevert(Backstop.BidBeyondLimit.selector);
        backstop.bid(ETH, 1e18, 2_182.8e18 + 1);
        backstop.bid(ETH, 1e18, 2_182.8e18);
        vm.stopPrank();
        equal(venue.sizeOf(bob, ETH), -1e18, "a short");
        equal(collateral(bob), 5_042.8e18, "42.80 for it");
    }

    function test_bid_edge_the_bidder_must_be_admitted() public {
        fall(1_820e8);
        backstop.inherit(alice, ETH);
        vm.warp(START + 600);
        vm.prank(bob);
        vm.expectPartialRevert(LimitGuarded.MarginExceeded.selector);
        backstop.bid(ETH, 1e18, MAX);
    }

    /// @dev Black Thursday: nobody bids. Nothing is sold, the price stands at its floor, and the loss is in the shares.
    function test_bid_edge_without_a_bidder_nothing_is_sold() public {
        fall(1_700e8); // a thousand below zero
        backstop.inherit(alice, ETH);
        equal(junior.held(), 19_000e6, "junior paid the thousand");
        for (uint256 i = 1; i <= 30; ++i) {
            vm.warp(START + i * 1 days);
            fresh(1_500e8);
            BackstopInventory.Offer memory offer = backstop.offerOf(ETH);
            equal(offer.price, 1_500e18, "nothing was left behind: at the mark");
            equal(offer.inventory, 10e18, "nothing is sold");
        }
        equal(junior.held(), 19_000e6, "nothing more was paid");
        equal(junior.totalAssets(), 19_000e6 - 2_000e6, "less 200 an ether");
        equal(senior.totalAssets(), 50_000e6, "not its turn");
        vm.expectPartialRevert(BackstopQueue.OutOfTurn.selector);
        backstop.surrender(ETH);
    }

    /// @dev The own account pays a discount first. Where that is spent on the inventory's loss, and no layer is left, none
    ///      is given.
    function test_bid_edge_no_layer_left_for_the_discount() public {
        fall(1_860e8);
        backstop.inherit(alice, ETH); // 372 are left behind
        liquidated(carol, 40_200e6, 200e18, 1_219e8); // and 75,000 lost elsewhere
        backstop.cover(carol);
        fresh(1_800e8);
        deposit(bob, 20_000e6);
        vm.prank(bob);
        backstop.bid(ETH, 5e18, MAX); // at the mark: 300 of the 372 are lost
        equal(collateral(address(backstop)), 72e18, "left");
        vm.warp(START + 6_000);
        fresh(1_800e8);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Backstop.NotFunded.selector, 114e6));
        backstop.bid(ETH, 5e18, MAX); // 186 are due to the rest
        usdc.mint(address(backstop), 114e6);
        vm.prank(bob);
        backstop.bid(ETH, 5e18, MAX);
        equal(backstop.insurance(), 0, "the fund paid the rest");
        equal(collateral(address(backstop)), 0, "after the own account");
    }

    function test_bid_error() public {
        vm.expectRevert(abi.encodeWithSelector(BackstopInventory.NoLot.selector, ETH));
        backstop.bid(ETH, 1, MAX);
        fall(1_820e8);
        backstop.inherit(alice, ETH);
        vm.expectPartialRevert(Backstop.LotExceeded.selector);
        backstop.bid(ETH, 5_494_505_494_505_494_507, MAX);
        vm.expectPartialRevert(Backstop.LotExceeded.selector);
        backstop.bid(ETH, 0, MAX);
    }

    // ---------------------------------------------------------------- who pays

    /// @dev 80,000 are missing: 20,000 of junior, 5,000 of the fund, 50,000 of senior, and 5,000 of Carol's profit.
    function test_waterfall_worked_example() public {
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18); // gains 60,000
        liquidated(alice, 40_200e6, 200e18, 1_400e8);
        equal(venue.accountOf(alice).unsettledLoss, 80_000e18, "missing");
        vm.expectEmit(address(backstop));
        emit BackstopLayers.LayerPaid(BackstopLayers.Layer.Junior, alice, 20_000e6);
        vm.expectEmit(address(backstop));
        emit BackstopLayers.LayerPaid(BackstopLayers.Layer.Insurance, alice, 5_000e6);
        vm.expectEmit(address(backstop));
        emit BackstopLayers.LayerPaid(BackstopLayers.Layer.Senior, alice, 50_000e6);
        backstop.cover(alice);
        equal(venue.accountOf(alice).unsettledLoss, 5_000e18, "left for winners");
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Deleveraged(carol, ETH, alice, -8_333_333_333_333_333_334, 1_400e18, 5_000e18);
        backstop.deleverage(alice, queue(carol, ETH));
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
        PerpVenue.AccountView memory c = venue.accountOf(carol);
        equal(c.positions[0].size, -91_666_666_666_666_666_666, "a twelfth of the position showed it");
        holds(c.equity >= 114_899e18 && c.equity <= 114_900e18, "60,000 less fee, and 55,000 of 60,000");
        vm.expectRevert(abi.encodeWithSelector(BackstopLayers.NothingOwed.selector, alice));
        backstop.deleverage(alice, queue(carol, ETH));
    }

    function test_waterfall_edge_junior_alone() public {
        liquidated(alice, 2_010e6, 10e18, 1_700e8);
        backstop.cover(alice);
        equal(junior.held(), 19_000e6, "a thousand");
        equal(backstop.insurance(), 5_000e6, "not its turn");
        equal(senior.held(), 50_000e6, "nor its");
        vm.expectRevert(abi.encodeWithSelector(BackstopLayers.NothingOwed.selector, alice));
        backstop.cover(alice);
    }

    /// @dev Who still has a position may still pay himself.
    function test_waterfall_edge_not_while_a_position_is_open() public {
        deposit(alice, 6_030e6);
        open(alice, ETH, 10e18);
        open(alice, BTC, 0.5e18); // 6,010 left
        eth.set(1_300e8); // a thousand below zero
        vm.prank(keeper);
        venue.liquidate(alice, ETH);
        holds(venue.accountOf(alice).unsettledLoss >= 990e18, "owed");
        vm.expectRevert(abi.encodeWithSelector(BackstopLayers.NothingOwed.selector, alice));
        backstop.cover(alice);
        equal(junior.held(), 20_000e6, "and not paid");
        vm.prank(keeper);
        venue.liquidate(alice, BTC);
        backstop.cover(alice);
        equal(venue.accountOf(alice).unsettledLoss, 0, "now it is");
    }

    function test_waterfall_edge_credit_pays_first() public {
        certify(alice, ETH, 20_000e18, 1_610e18, 80_000);
        open(alice, ETH, 10e18);
        eth.set(1_700e8);
        venue.liquidate(alice, ETH); // owes 3,010, credit stands for 1,610
        backstop.cover(alice);
        equal(junior.held(), 20_000e6 - 1_400e6, "the rest");
        equal(venue.accountOf(alice).unsettledLoss, 1_610e18, "is the settlement's");
    }

    /// @dev Inventory that lost more than all layers have: it is closed, they pay, then winners do.
    function test_surrender_worked_example() public {
        deposit(alice, 16_800e6);
        open(alice, ETH, 80e18);
        eth.set(1_800e8); // equity 720 on 7,200; 144,000 of 150,000
        backstop.inherit(alice, ETH);
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18);
        eth.set(900e8); // 72,000 lost, less the penalty
        vm.expectPartialRevert(BackstopQueue.OutOfTurn.selector);
        backstop.surrender(ETH);
        eth.set(800e8); // 80,000
        backstop.surrender(ETH);
        equal(venue.sizeOf(address(backstop), ETH), 0, "closed");
        equal(junior.held() + senior.held() + backstop.insurance(), 0, "all paid");
        uint256 owed = venue.accountOf(address(backstop)).unsettledLoss;
        holds(owed > 4_200e18 && owed < 4_400e18, "80,000 less 75,000 and the penalty");
        backstop.deleverage(address(backstop), queue(carol, ETH));
        equal(venue.accountOf(address(backstop)).unsettledLoss, 0, "by the winner");
    }

    // ---------------------------------------------------------------- income

    function test_income_rises_with_reflexivity() public {
        equal(backstop.juniorSharePpm(), 600_000, "low");
        vm.startPrank(reporter);
        backstop.report(250_000);
        vm.expectPartialRevert(BackstopTerms.ReportRefused.selector);
        backstop.report(300_000); // too soon
        vm.warp(START + 30);
        vm.expectPartialRevert(BackstopTerms.ReportRefused.selector);
        backstop.report(500_001); // too far
        backstop.report(500_000);
        equal(backstop.juniorSharePpm(), 600_000, "up to here");
        vm.warp(START + 60);
        backstop.report(650_000);
        equal(backstop.juniorSharePpm(), 750_000, "half way");
        equal(backstop.discountAt(600), 75_000, "and so is the discount");
        vm.warp(START + 90);
        backstop.report(900_000);
        equal(backstop.juniorSharePpm(), 900_000, "high");
        equal(backstop.discountAt(1_200), 100_000, "the greatest");
        vm.warp(START + 90 + 1 hours);
        equal(backstop.juniorSharePpm(), 600_000, "forgotten");
        vm.stopPrank();
        vm.expectPartialRevert(BackstopTerms.NotReporter.selector);
        backstop.report(0);
    }

    function test_income_worked_example() public {
        fall(1_820e8);
        backstop.inherit(alice, ETH);
        vm.expectRevert(Backstop.NotFlat.selector);
        backstop.shareIncome();
        deposit(bob, 20_000e6);
        vm.startPrank(bob);
        backstop.bid(ETH, MAX, MAX);
        backstop.bid(ETH, MAX, MAX);
        vm.stopPrank();
        equal(backstop.offerOf(ETH).inventory, 0, "sold at the mark");
        backstop.shareIncome(); // the penalty, 199.999999
        equal(junior.held(), 20_000e6 + 119_999_999, "six tenths");
        equal(senior.held(), 50_000e6 + 80_000_000, "four");
        vm.expectPartialRevert(BackstopLayers.NothingOwed.selector);
        backstop.shareIncome();
    }

    function test_terms_error() public {
        for (uint256 i = 0; i < 10; ++i) {
            BackstopTerms.Terms memory t = backstopTerms();
            if (i == 0) t.lotNotional = 0;
            if (i == 1) t.inventoryPpm = 0;
            if (i == 2) t.penaltyPpm = 100_001;
            if (i == 3) t.juniorHighPpm = 1_000_001;
            if (i == 4) t.juniorLowPpm = 900_001;
            if (i == 5) t.discountHighPpm = 200_001;
            if (i == 6) t.auctionSeconds = 0;
            if (i == 7) t.cooldownSeconds = 0;
            if (i == 8) t.exitSeconds = 0;
            if (i == 9) t.callerPpm = 200_001;
            vm.expectPartialRevert(BackstopTerms.OutOfBounds.selector);
            new Backstop(venue, t, owner, guardian);
        }
    }

    function testFuzz_a_price_is_never_zero(uint256 elapsed, uint32 price, uint32 n) public {
        fall(1_820e8);
        backstop.inherit(alice, ETH);
        vm.prank(reporter);
        backstop.report(uint32(bound(n, 0, 250_000)));
        vm.warp(START + bound(elapsed, 0, 36_500 days));
        uint256 p = bound(price, 1, type(uint32).max);
        eth.set(int256(p));
        BackstopInventory.Offer memory offer = backstop.offerOf(ETH);
        holds(offer.price >= p * 1e10 * 4 / 5, "never below four fifths of the mark");
    }
}
