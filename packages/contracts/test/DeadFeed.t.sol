// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopInventory} from "../contracts/BackstopInventory.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev A feed that answers nothing above 0, or nothing at all: at the venue, and behind a backstop.
contract DeadFeedTest is BackstopTest {
    function setUp() public {
        deployBackstop();
    }

    // ---------------------------------------------------------------- at the venue

    function test_price_edge_a_dead_feed_hides_nobody_else() public {
        deposit(alice, 10_000e6);
        open(alice, ETH, 1e18);
        deposit(bob, 10_000e6);
        open(bob, BTC, 0.1e18);
        eth.set(0);
        requireDead();
        eth.set(int256(type(int128).max) + 1);
        requireDead();
        eth.set(type(int128).max);
        equal(venue.marketOf(ETH).price, uint256(uint128(type(int128).max)) * 1e10, "the greatest price");
        vm.mockCallRevert(address(eth), abi.encodeCall(eth.latestRoundData, ()), "gone");
        requireDead();
        vm.clearMockedCalls();
        // bug: a feed that was no contract any more, or answered less than an answer, hid everybody at the venue.
        bytes memory code = address(eth).code;
        vm.etch(address(eth), "");
        requireDead();
        vm.etch(address(eth), hex"00"); // says nothing, without reverting
        requireDead();
        vm.etch(address(eth), hex"609f5ff3"); // one byte short
        requireDead();
        vm.etch(address(eth), code);
        eth.set(2_000e8);
        holds(venue.marketOf(ETH).fresh, "back");
        open(alice, BTC, 0.001e18);
    }

    /// @dev Of what has no price nothing is known, and nothing is done; who does not hold it is as before.
    function requireDead() private {
        PerpVenue.MarketView memory market = venue.marketOf(ETH);
        equal(market.price, 0, "no price");
        equal(market.priceUpdatedAt, 0, "of no time");
        holds(!market.fresh, "not fresh");
        equal(venue.accountOf(alice).positions[0].price, 0, "said of the position");
        equal(venue.accountOf(bob).equity, 9_998e18, "less a fee of 500 ppm of 4,000");
        refuse(alice, ETH, 1e18, PerpMarkets.PriceNotPositive.selector);
        refuse(alice, BTC, 0.001e18, PerpMarkets.PriceNotPositive.selector);
        vm.prank(alice);
        vm.expectPartialRevert(PerpMarkets.PriceNotPositive.selector);
        venue.withdraw(1e6, alice);
        vm.expectPartialRevert(PerpMarkets.PriceNotPositive.selector);
        venue.liquidate(alice, ETH);
        vm.prank(bob);
        venue.reduce(BTC, 0.001e18, 0);
        open(bob, BTC, 0.001e18);
        equal(venue.accountOf(bob).positions[0].notional, 4_000e18, "bob trades on");
        deposit(bob, 0.02e6); // the fee
    }

    /// @dev bug: a feed that burnt all gas it was given left none to read anybody else with: the whole book was out of sight.
    function test_price_bug_a_feed_that_burns_all_gas_hides_nobody() public {
        deposit(alice, 10_000e6);
        open(alice, ETH, 1e18);
        deposit(bob, 10_000e6);
        open(bob, BTC, 0.1e18);
        vm.etch(address(eth), hex"fe");
        (bool done, bytes memory read) = address(venue).staticcall{gas: 50_000_000}(abi.encodeCall(venue.book, (0, 80)));
        holds(done, "read");
        (PerpMarkets.MarketView[] memory all, PerpPositions.AccountView[] memory accounts,) =
            abi.decode(read, (PerpMarkets.MarketView[], PerpPositions.AccountView[], uint256));
        equal(all[0].price, 0, "no price");
        holds(all[1].fresh, "and another's");
        equal(accounts[0].positions[0].price, 0, "alice has none");
        equal(accounts[1].equity, 9_998e18, "bob is read");
    }

    /// @dev However old a price may be: one that is none is of no time, and not a fresh nothing.
    function test_price_edge_a_dead_feed_is_never_fresh() public {
        bytes32 sol = keccak256("SOL-PERP");
        PriceFeed feed = new PriceFeed("SOL / USD", 100e8, address(this));
        PerpMarkets.MarketConfig memory config_ = config(sol, feed);
        config_.heartbeatSeconds = type(uint32).max;
        vm.prank(owner);
        venue.addMarket(config_);
        deposit(alice, 1_000e6);
        open(alice, sol, 1e18);
        feed.set(0);
        holds(!venue.marketOf(sol).fresh, "not fresh");
        refuse(alice, sol, 1e18, PerpMarkets.PriceNotPositive.selector);
        vm.expectPartialRevert(PerpMarkets.PriceNotPositive.selector);
        venue.liquidate(alice, sol);
    }

    // ---------------------------------------------------------------- behind a backstop

    /// @dev bug: a short whose feed is dead read as a gain of all it was sold for, and weighed nothing: the backstop took over more than its
    ///      capital carries.
    function test_inherit_bug_a_dead_feed_makes_no_room() public {
        deposit(bob, 10_000e6);
        open(bob, BTC, -2e18);
        btc.set(44_000e8); // equity 1,960 on 4,400
        backstop.inherit(bob, BTC);
        deposit(alice, 16_800e6);
        open(alice, ETH, 80e18);
        eth.set(1_800e8);
        vm.expectPartialRevert(Backstop.CapacityExceeded.selector);
        backstop.inherit(alice, ETH); // 88,000 and 144,000
        btc.set(0);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.inherit(alice, ETH);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.capacity();
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.inventoryNotional();
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.pendingLossOf(address(junior));
        equal(junior.maxDeposit(jane), 0, "nobody comes in");
        BackstopInventory.Offer memory offer = backstop.offerOf(BTC);
        equal(offer.inventory, -2e18, "it is seen");
        equal(offer.size, 0, "and nothing of it on offer");
        vm.expectRevert(abi.encodeWithSelector(BackstopInventory.NoLot.selector, BTC));
        backstop.surrender(BTC);
    }

    /// @dev bug: a long whose feed is dead read as lost altogether: anybody could have what else was inherited closed at once.
    function test_surrender_bug_a_dead_feed_loses_nothing() public {
        deposit(bob, 10_500e6);
        open(bob, BTC, 2.1e18);
        btc.set(36_000e8); // equity 2,058 on 3,780
        backstop.inherit(bob, BTC);
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_820e8);
        backstop.inherit(alice, ETH);
        btc.set(0);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.surrender(ETH);
        equal(venue.sizeOf(address(backstop), ETH), 10e18, "kept");
    }
}
