// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mandates} from "../contracts/Mandates.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev Reductions by somebody who was allowed to, and by nobody else.
contract MandatesTest is VenueTest {
    Mandates internal mandates;
    PriceFeed internal index;
    uint256 private _plan;

    function setUp() public {
        deployVenue();
        mandates = new Mandates(venue, 1 hours, owner, guardian);
        index = new PriceFeed("ETH / USD, index", 2_000e8, address(this));
        vm.startPrank(owner);
        venue.appoint(address(mandates), address(0));
        mandates.setIndex(ETH, index, 1 hours);
        mandates.setKeeper(bob, true);
        vm.stopPrank();
        deposit(alice, 5_010e6);
        open(alice, ETH, 10e18);
    }

    function grant(address to, bytes32 market, uint32 maxSharePpm) internal {
        vm.prank(alice);
        mandates.grantMandate(
            to,
            market,
            Mandates.Mandate({
                expiresAt: uint64(block.timestamp + 1 days), maxSharePpm: maxSharePpm, maxSlippagePpm: 5_000
            })
        );
    }

    function order(uint256 size) internal returns (Mandates.Order memory) {
        return Mandates.Order({
            account: alice, market: ETH, size: size, limitPrice: 0, planHash: keccak256(abi.encode(++_plan))
        });
    }

    function reduce(address by, uint256 size) internal {
        Mandates.Order memory it = order(size);
        vm.prank(by);
        mandates.reduce(it);
    }

    function refuse(address by, uint256 size, bytes4 reason) internal {
        Mandates.Order memory it = order(size);
        vm.prank(by);
        vm.expectPartialRevert(reason);
        mandates.reduce(it);
    }

    function held() internal view returns (int256) {
        return venue.sizeOf(alice, ETH);
    }

    function test_reduce_worked_example() public {
        grant(keeper, ETH, 250_000);
        Mandates.Order memory it = order(2e18);
        vm.expectEmit(address(mandates));
        emit Mandates.Reduced(alice, ETH, keeper, 2e18, 2_000e18, 2_000e18, it.planHash);
        vm.prank(keeper);
        equal(mandates.reduce(it), 2_000e18, "at the venue's price");
        equal(held(), 8e18, "two of ten are closed");
        equal(collateral(alice), 5_000e18, "free of charge");
        equal(mandates.allowanceOf(alice, keeper, ETH), 0.5e18, "a quarter of ten, less two");
    }

    function test_reduce_edge_who() public {
        refuse(keeper, 1e18, Mandates.NoMandate.selector);
        grant(mandates.ANY_KEEPER(), ETH, 100_000);
        refuse(keeper, 1e18, Mandates.NoMandate.selector); // not of the set
        reduce(bob, 1e18);
        vm.prank(owner);
        mandates.setKeeper(bob, false);
        refuse(bob, 1e17, Mandates.NoMandate.selector);
        grant(keeper, mandates.ANY_MARKET(), 200_000);
        reduce(keeper, 1e18);
        grant(keeper, ETH, 200_001); // of this market goes before of any
        reduce(keeper, 10e12);
        vm.startPrank(alice);
        mandates.revokeMandate(keeper, ETH);
        mandates.revokeMandate(keeper, mandates.ANY_MARKET());
        vm.stopPrank();
        refuse(keeper, 1, Mandates.NoMandate.selector);
    }

    function fresh() internal {
        eth.set(2_000e8);
        index.set(2_000e8);
    }

    function test_reduce_edge_until_it_expires() public {
        grant(keeper, ETH, 1_000_000);
        vm.warp(START + 1 days - 1);
        fresh();
        reduce(keeper, 1e18);
        vm.warp(START + 1 days);
        fresh();
        refuse(keeper, 1e18, Mandates.NoMandate.selector);
    }

    function test_reduce_edge_a_share_of_each_window() public {
        grant(keeper, ETH, 250_000);
        refuse(keeper, 2.5e18 + 1, Mandates.ShareExceeded.selector);
        reduce(keeper, 2e18);
        vm.warp(START + 1 hours - 1);
        fresh();
        refuse(keeper, 0.5e18 + 1, Mandates.ShareExceeded.selector);
        reduce(keeper, 0.5e18);
        refuse(keeper, 1, Mandates.ShareExceeded.selector);
        vm.warp(START + 1 hours);
        fresh();
        refuse(keeper, 1.875e18 + 1, Mandates.ShareExceeded.selector); // a quarter of 7.5
        reduce(keeper, 1.875e18);
    }

    function test_reduce_edge_what_the_participant_closed_counts_no_more() public {
        grant(keeper, ETH, 500_000);
        reduce(keeper, 1e18);
        vm.prank(alice);
        venue.reduce(ETH, 5e18, 0); // 4 are left, 1 was closed by mandate: half of 5, less 1
        refuse(keeper, 1.5e18 + 1, Mandates.ShareExceeded.selector);
        reduce(keeper, 1.5e18);
    }

    function test_reduce_edge_mandates_share_a_window() public {
        grant(keeper, ETH, 250_000);
        grant(mandates.ANY_KEEPER(), ETH, 300_000);
        reduce(keeper, 2.5e18);
        refuse(bob, 0.5e18 + 1, Mandates.ShareExceeded.selector);
        reduce(bob, 0.5e18);
    }

    function test_reduce_edge_near_the_index() public {
        grant(keeper, ETH, 1_000_000);
        eth.set(1_990e8); // half a percent below
        reduce(keeper, 1e18);
        eth.set(1_990e8 - 1);
        refuse(keeper, 1e18, Mandates.SlippageExceeded.selector);
        eth.set(2_100e8); // better for a seller
        reduce(keeper, 1e18);
        vm.prank(alice);
        venue.open(ETH, -18e18, 0);
        fresh();
        eth.set(2_010e8);
        buy(1e18);
        eth.set(2_010e8 + 1);
        Mandates.Order memory it = order(1e18);
        it.limitPrice = MAX;
        vm.prank(keeper);
        vm.expectPartialRevert(Mandates.SlippageExceeded.selector);
        mandates.reduce(it);
        equal(held(), -9e18, "a short was bought back");
    }

    function buy(uint256 size) internal {
        Mandates.Order memory it = order(size);
        it.limitPrice = MAX;
        vm.prank(keeper);
        mandates.reduce(it);
    }

    function test_reduce_edge_never_through_zero() public {
        grant(keeper, ETH, 1_000_000);
        refuse(keeper, 10e18 + 1, Mandates.ShareExceeded.selector);
        reduce(keeper, 10e18);
        equal(held(), 0, "closed");
        refuse(keeper, 1, Mandates.ShareExceeded.selector);
        vm.warp(START + 1 hours);
        fresh();
        refuse(keeper, 1, Mandates.ShareExceeded.selector);
    }

    function test_reduce_edge_not_while_liquidations_may() public {
        grant(keeper, ETH, 1_000_000);
        eth.set(1_578e8); // equity 780, maintenance margin 789
        index.set(1_578e8);
        refuse(keeper, 1e18, PerpLiquidations.Unhealthy.selector);
        eth.set(1_579e8); // equity 790, maintenance margin 789.50
        index.set(1_579e8);
        reduce(keeper, 1e18);
    }

    function test_reduce_edge_never_on_a_stale_price() public {
        grant(keeper, ETH, 1_000_000);
        vm.warp(START + 1 hours + 1);
        index.set(2_000e8);
        refuse(keeper, 1e18, PerpMarkets.PriceStale.selector);
        eth.set(2_000e8);
        index.setAt(2_000e8, START);
        refuse(keeper, 1e18, Mandates.IndexStale.selector);
        index.setAt(2_000e8, block.timestamp + 1);
        refuse(keeper, 1e18, Mandates.IndexStale.selector);
        index.set(0);
        refuse(keeper, 1e18, Mandates.IndexStale.selector);
        index.set(2_000e8);
        reduce(keeper, 1e18);
    }

    function test_reduce_edge_a_plan_acts_once() public {
        grant(keeper, ETH, 1_000_000);
        Mandates.Order memory it = order(1e18);
        vm.startPrank(keeper);
        mandates.reduce(it);
        vm.expectRevert(abi.encodeWithSelector(Mandates.AlreadyActed.selector, it.planHash));
        mandates.reduce(it);
        it.planHash = "next";
        it.limitPrice = 2_000e18 + 1;
        vm.expectPartialRevert(PerpPositions.PriceBeyondLimit.selector);
        mandates.reduce(it);
        it.limitPrice = 2_000e18;
        mandates.reduce(it);
        vm.stopPrank();
    }

    function test_reduce_edge_not_in_a_pause() public {
        grant(keeper, ETH, 1_000_000);
        vm.prank(guardian);
        mandates.pause();
        refuse(keeper, 1e18, bytes4(keccak256("EnforcedPause()")));
    }

    function test_grant_error() public {
        bytes4 bounds = Mandates.OutOfBounds.selector;
        uint64 t = uint64(block.timestamp);
        vm.startPrank(alice);
        vm.expectPartialRevert(bounds);
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t, 1, 0));
        vm.expectPartialRevert(bounds);
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t + 366 days + 1, 1, 0));
        vm.expectPartialRevert(bounds);
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t + 1, 0, 0));
        vm.expectPartialRevert(bounds);
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t + 1, 1_000_001, 0));
        vm.expectPartialRevert(bounds);
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t + 1, 1, 100_001));
        mandates.grantMandate(keeper, ETH, Mandates.Mandate(t + 366 days, 1_000_000, 100_000));
        vm.stopPrank();
    }

    function test_settings_error() public {
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        mandates.setKeeper(keeper, true);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        mandates.setIndex(ETH, index, 1);
        vm.startPrank(owner);
        vm.expectPartialRevert(Mandates.OutOfBounds.selector);
        mandates.setKeeper(address(0), true);
        vm.expectPartialRevert(Mandates.OutOfBounds.selector);
        mandates.setIndex(ETH, index, 0);
        vm.stopPrank();
        vm.expectPartialRevert(Mandates.OutOfBounds.selector);
        new Mandates(venue, 0, owner, guardian);
        vm.prank(alice);
        mandates.grantMandate(keeper, BTC, Mandates.Mandate(uint64(block.timestamp + 1), 1_000_000, 0));
        open(alice, BTC, 0.01e18);
        Mandates.Order memory it = order(1e15);
        it.market = BTC;
        vm.prank(keeper);
        vm.expectPartialRevert(Mandates.NoIndex.selector);
        mandates.reduce(it);
    }

    /// @dev Whatever is asked for: the position never grows or turns around, no window lets more than its share through,
    ///      and equity falls by no more than rounding.
    function testFuzz_reduce_takes_only_risk(uint96 size, uint32 share, uint96 asked, bool short) public {
        vm.prank(alice);
        venue.reduce(ETH, MAX, 0);
        int256 opened = int256(bound(size, 1, 20e18));
        open(alice, ETH, short ? -opened : opened);
        uint256 most = bound(share, 1, 1e6);
        grant(keeper, ETH, uint32(most));
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        for (uint256 i = 0; i < 3; ++i) {
            Mandates.Order memory it = order(bound(uint256(keccak256(abi.encode(asked, i))), 1, 8e18));
            it.limitPrice = short ? MAX : 0;
            vm.prank(keeper);
            try mandates.reduce(it) {} catch {}
        }
        int256 left = held();
        holds(short ? left <= 0 && left >= -opened : left >= 0 && left <= opened, "never more, never the other way");
        uint256 closed = uint256(opened) - uint256(left < 0 ? -left : left);
        holds(closed * 1e6 <= uint256(opened) * most, "no more than the share");
        PerpVenue.AccountView memory b = venue.accountOf(alice);
        holds(b.im <= a.im && b.mm <= a.mm, "requirements do not rise");
        holds(b.equity + 4e12 >= a.equity, "equity falls by rounding only");
    }
}
