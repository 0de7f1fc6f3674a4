// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpMoney} from "../contracts/PerpMoney.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev A feed with as many digits as it is told, whose price is 7.
contract WideFeed {
    uint8 public immutable decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, 7, block.timestamp, block.timestamp, 1);
    }
}

/// @dev Markets and their maintenance margin.
contract PerpMarketsTest is VenueTest {
    function setUp() public {
        deployVenue();
    }

    function params(uint32 mmPpm, uint64 sequence) internal view returns (PerpMarkets.MarketParams memory) {
        return PerpMarkets.MarketParams({
            market: ETH, mmPpm: mmPpm, effectiveAt: uint64(block.timestamp), sequence: sequence, epoch: book.epoch()
        });
    }

    function accept(PerpMarkets.MarketParams memory p) internal {
        venue.acceptMarketParams(p, sign(p));
    }

    function refuse(PerpMarkets.MarketParams memory p, bytes4 reason) internal {
        bytes[] memory list = sign(p);
        vm.expectPartialRevert(reason);
        venue.acceptMarketParams(p, list);
    }

    function mm() internal view returns (uint32 ramped, uint32 liquidation) {
        PerpMarkets.MarketView memory m = venue.marketOf(ETH);
        return (m.mmPpm, m.mmLiquidationPpm);
    }

    function check(uint256 time, uint32 ramped, uint32 liquidation) internal {
        vm.warp(time);
        (uint32 a, uint32 b) = mm();
        equal(a, ramped, "ramped");
        equal(b, liquidation, "liquidation");
    }

    function test_ramp_up_worked_example() public {
        vm.expectEmit(address(venue));
        emit PerpMarkets.MarketParamsAccepted(ETH, 50_000, 60_000, START, START + 3600, 1);
        accept(params(60_000, 1)); // 10,000 ppm at 10,000 an hour
        check(START, 50_000, 50_000);
        check(START + 900, 52_500, 50_000); // liquidations go by the old one
        check(START + 3599, 59_998, 50_000); // 59,997.2, rounded up
        check(START + 3600, 60_000, 60_000);
    }

    function test_ramp_down_worked_example() public {
        accept(params(40_000, 1));
        check(START + 900, 47_500, 47_500);
        check(START + 901, 47_498, 47_498); // 47,497.2, rounded up
        check(START + 3600, 40_000, 40_000);
    }

    function test_ramp_edge_later_start() public {
        PerpMarkets.MarketParams memory p = params(60_000, 1);
        p.effectiveAt = START + 30 days;
        accept(p);
        check(START + 30 days, 50_000, 50_000);
        check(START + 30 days + 1800, 55_000, 50_000);
    }

    function test_ramp_edge_on_call_is_not_liquidation() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        accept(params(60_000, 1));
        vm.warp(START + 1800); // 55,000 on the ramp
        eth.set(1_901e8); // equity 1,010; 950.5 by the old margin, 1,045.55 on the ramp, 1,140.6 by the new one
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        holds(a.equity < int256(a.mmRamped) && a.equity >= int256(a.mm), "on call");
        vm.expectPartialRevert(PerpLiquidations.Healthy.selector);
        venue.liquidate(alice, ETH);
        vm.warp(START + 3600);
        eth.set(1_901e8);
        venue.liquidate(alice, ETH);
    }

    function test_ramp_edge_below_the_old_margin_too() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        accept(params(60_000, 1));
        vm.warp(START + 1800);
        eth.set(1_894e8);
        venue.liquidate(alice, ETH);
    }

    /// @dev bug: a change of epoch revoked limits and mark-downs, and left the maintenance margin that the same keys had signed for later.
    function test_params_bug_a_change_of_epoch_revokes_what_was_signed_for_later() public {
        PerpMarkets.MarketParams memory p = params(80_000, type(uint64).max);
        p.effectiveAt = START + 30 days;
        bytes[] memory list = sign(p);
        vm.prank(guardian);
        book.bumpEpoch();
        vm.expectRevert(abi.encodeWithSelector(SignerSet.WrongEpoch.selector, 1, 2));
        venue.acceptMarketParams(p, list);
        p.epoch = 2;
        vm.expectPartialRevert(SignerSet.BadSigner.selector);
        venue.acceptMarketParams(p, list); // another message than was signed
        accept(params(60_000, 1)); // signed since
    }

    function test_params_error() public {
        refuse(params(0, 1), PerpMarkets.OutOfBounds.selector);
        refuse(params(80_001, 1), PerpMarkets.OutOfBounds.selector); // above im / 1.25
        refuse(params(60_000, 0), PerpMarkets.Stale.selector);
        PerpMarkets.MarketParams memory p = params(60_000, 1);
        p.effectiveAt = START - 1;
        refuse(p, PerpMarkets.OutOfBounds.selector);
        p.effectiveAt = START + 30 days + 1;
        refuse(p, PerpMarkets.OutOfBounds.selector);
        p = params(60_000, 1);
        p.market = "XAU-PERP";
        refuse(p, PerpMarkets.UnknownMarket.selector);

        p = params(60_000, 1);
        bytes[] memory list = new bytes[](1);
        list[0] = signature(keys[0], venue.digestOf(p));
        vm.expectPartialRevert(SignerSet.NotEnoughSigners.selector);
        venue.acceptMarketParams(p, list);

        accept(params(80_000, 5));
        refuse(params(60_000, 6), PerpMarkets.RampUnderWay.selector);
        vm.warp(START + 3 hours);
        refuse(params(60_000, 5), PerpMarkets.Stale.selector);
        accept(params(60_000, 6));
        vm.warp(START + 10 hours);
        p = params(50_000, 7);
        vm.prank(guardian);
        venue.pause();
        refuse(p, Pausable.EnforcedPause.selector);
    }

    function test_addMarket_error() public {
        PerpMarkets.MarketConfig memory c = config("XAU-PERP", eth);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        venue.addMarket(c);
        refuseMarket(config(ETH, eth), PerpMarkets.MarketNotAdded.selector);
        refuseMarket(config(0, eth), PerpMarkets.MarketNotAdded.selector);
        c.imPpm = 62_499; // 1.25 · 50,000 = 62,500
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.imPpm = 1_000_001;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.heartbeatSeconds = 0;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.mmRampPpmPerHour = 0;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.feePpm = 10_001;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.liquidationFeePpm = 50_001;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        c = config("XAU-PERP", eth);
        c.minNotional = c.maxOpenInterest + 1;
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
        for (uint256 i = 2; i < 16; ++i) {
            vm.prank(owner);
            venue.addMarket(config(bytes32(i), eth));
        }
        refuseMarket(config("XAU-PERP", eth), PerpMarkets.MarketNotAdded.selector);
        equal(venue.markets().length, 16, "sixteen");
    }

    function test_addMarket_edge_every_bound_is_within() public {
        PerpMarkets.MarketConfig memory c = config("XAU-PERP", eth);
        (c.imPpm, c.mmPpm) = (1_000_000, 800_000);
        c.feePpm = 10_000;
        c.liquidationFeePpm = c.mmPpm;
        c.minNotional = c.maxOpenInterest;
        vm.prank(owner);
        venue.addMarket(c);
        PerpMarkets.MarketView memory m = venue.marketOf("XAU-PERP");
        equal(m.imPpm, 1_000_000, "fully paid");
        equal(m.feePpm, 10_000, "one percent");
        equal(m.liquidationFeePpm, 800_000, "all of the maintenance margin");
        equal(m.minNotional, 10_000_000e18, "all that may be open");
    }

    function test_addMarket_edge_feeds_of_other_digits() public {
        PerpMarkets.MarketConfig memory c = config("XAU-PERP", PriceFeed(address(new WideFeed(18))));
        vm.prank(owner);
        venue.addMarket(c);
        equal(venue.marketOf("XAU-PERP").price, 7, "eighteen digits as they are");
        c = config("XAG-PERP", PriceFeed(address(new WideFeed(19))));
        refuseMarket(c, PerpMarkets.OutOfBounds.selector);
    }

    function refuseMarket(PerpMarkets.MarketConfig memory c, bytes4 reason) internal {
        vm.prank(owner);
        vm.expectPartialRevert(reason);
        venue.addMarket(c);
    }

    function test_constructor_error() public {
        TestToken wide = new TestToken("Wide", "WIDE", 19);
        vm.expectRevert(abi.encodeWithSelector(PerpMoney.TooManyDecimals.selector, 19));
        new PerpVenue(wide, book, owner, guardian);
    }

    function test_constructor_edge_a_token_of_eighteen_digits() public {
        usdc = new TestToken("Dollar", "USD", 18);
        venue = new PerpVenue(usdc, book, owner, guardian);
        deposit(alice, 7);
        equal(collateral(alice), 7, "unit by unit");
    }

    function test_feed_is_the_owner_s() public {
        PriceFeed feed = new PriceFeed("X", 1, owner);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        feed.set(2);
    }

    function testFuzz_ramp_stays_between_its_ends(uint32 target, uint32 elapsed) public {
        target = uint32(bound(target, 1, 80_000));
        accept(params(target, 1));
        vm.warp(START + elapsed % 10 hours);
        (uint32 ramped, uint32 liquidation) = mm();
        uint32 least = target < 50_000 ? target : 50_000;
        uint32 most = target < 50_000 ? 50_000 : target;
        holds(ramped >= least && ramped <= most, "between");
        holds(liquidation <= ramped, "liquidations go by the smaller");
        uint256 moved = ramped > 50_000 ? ramped - 50_000 : 50_000 - ramped;
        holds(moved * 3600 <= 10_000 * uint256(elapsed % 10 hours) + 3600, "no faster than the ramp");
    }
}
