// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopInventory} from "../contracts/BackstopInventory.sol";
import {Mandates} from "../contracts/Mandates.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {LastPrice} from "../contracts/LastPrice.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {SuccessionTest} from "./SuccessionTest.sol";

/// @dev What stands behind a market whose feed died comes out of it once it is succeeded.
contract SuccessionBackstopTest is SuccessionTest {
    function setUp() public {
        deploySuccession();
    }

    /// @dev Alice's ten, of which the backstop took over at 1,540: equity 400 on 770.
    function inheritAlice() private {
        eth.set(1_540e8);
        backstop.inherit(alice, ETH);
        equal(venue.sizeOf(address(backstop), ETH), 10e18, "inherited");
    }

    function test_unwind_worked_example_capital_leaves_a_market_that_is_closed() public {
        inheritAlice();
        vm.startPrank(jane);
        junior.requestRedeem(junior.balanceOf(jane));
        vm.stopPrank();
        eth.set(0);
        vm.expectPartialRevert(BackstopInventory.NoLot.selector);
        backstop.unwind(ETH);
        vm.expectPartialRevert(PerpMarkets.PriceNotPositive.selector);
        backstop.pendingLossOf(address(junior));
        (, bool leaves) = backstop.gates();
        holds(!leaves, "nobody leaves");
        succeeded(1_500e8);
        BackstopInventory.Offer memory offer = backstop.offerOf(ETH);
        equal(offer.inventory, 10e18, "ten");
        equal(offer.size, 10e18, "all of it one lot, of 15,000 where a lot is of 10,000");
        equal(offer.price, 1_500e18, "at the mark");
        equal(offer.discountPpm, 0, "and no discount");
        deposit(carol, 100_000e6);
        vm.prank(carol);
        vm.expectPartialRevert(PerpPositions.OpenInterestExceeded.selector);
        backstop.bid(ETH, MAX, MAX);
        vm.prank(keeper);
        backstop.unwind(ETH);
        equal(venue.sizeOf(address(backstop), ETH), 0, "closed at once");
        equal(backstop.openSince(), 0, "nothing is inherited any more");
        (, leaves) = backstop.gates();
        holds(leaves, "whoever wants leaves");
        (uint256 loss,) = backstop.pendingLossOf(address(junior));
        equal(loss, 0, "and nothing is in doubt");
        equal(
            venue.accountOf(address(backstop)).unsettledLoss, 0, "a loss of 400, paid by a penalty of 308 and a layer"
        );
    }

    /// @dev Whoever holds the other side may still take of it, and so close his own.
    function test_bid_edge_by_whom_it_closes() public {
        inheritAlice();
        eth.set(0);
        succeeded(1_500e8);
        vm.prank(bob);
        backstop.bid(ETH, 4e18, MAX);
        equal(venue.sizeOf(bob, ETH), -6e18, "less");
        equal(venue.sizeOf(address(backstop), ETH), 6e18, "and less");
        vm.prank(bob);
        backstop.bid(ETH, MAX, MAX);
        equal(venue.sizeOf(bob, ETH), 0, "nothing");
        equal(venue.sizeOf(address(backstop), ETH), 0, "nothing");
    }

    /// @dev What is too far gone at the successor's price is inherited, and unwound.
    function test_inherit_edge_in_a_market_that_is_closed() public {
        succeeded(1_540e8);
        backstop.inherit(alice, ETH);
        backstop.unwind(ETH);
        equal(venue.sizeOf(alice, ETH), 0, "alice is out");
        equal(venue.sizeOf(address(backstop), ETH), 0, "the backstop as well");
    }

    /// @dev Nothing else at a venue changes: in a market that lives a lot waits for its twelve auctions.
    function test_unwind_edge_elsewhere_a_lot_waits() public {
        inheritAlice();
        vm.warp(START + 7_200 - 1);
        eth.set(1_540e8);
        vm.expectRevert(abi.encodeWithSelector(Backstop.TooSoon.selector, START + 7_200));
        backstop.unwind(ETH);
        vm.warp(START + 7_200);
        eth.set(1_540e8);
        backstop.unwind(ETH);
        equal(venue.sizeOf(address(backstop), ETH), 10e18 - 6_493_506_493_506_493_507, "a lot of 10,000");
    }

    /// @dev A loss in a market that lives was paid by no winner while one holder of a dead one ranked nobody.
    function test_deleverage_edge_one_holder_blocks_nobody_for_good() public {
        deposit(carol, 100_000e6);
        open(carol, BTC, -10e18);
        address loser = address(0x105e);
        deposit(loser, 50_000e6);
        open(loser, BTC, 10e18);
        eth.set(0);
        btc.set(25_000e8);
        vm.prank(keeper);
        venue.liquidate(loser, BTC); // 100,200 beyond its collateral, and 75,000 of capital
        backstop.cover(loser);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, ETH));
        backstop.deleverage(loser, queue(carol, BTC));
        pass(DEAD);
        LastPrice last = new LastPrice("ETH / USD", 2_000e8, 8);
        name(last);
        vm.warp(block.timestamp + NOTICE);
        successions.succeed(ETH);
        btc.set(25_000e8);
        backstop.deleverage(loser, queue(carol, BTC));
        equal(venue.accountOf(loser).unsettledLoss, 0, "paid by a winner");
    }

    /// @dev A mandate reduces again once its index is the successor too.
    function test_mandate_edge_by_the_index_of_the_successor() public {
        PerpVenue own = new PerpVenue(usdc, book, owner, guardian);
        (venue, successions) = (own, own.successions());
        Mandates mandates = new Mandates(venue, 1 hours, owner, guardian);
        vm.startPrank(owner);
        venue.addMarket(config(ETH, eth));
        venue.appoint(address(mandates), address(0));
        mandates.setIndex(ETH, eth, 1 hours);
        mandates.setKeeper(keeper, true);
        vm.stopPrank();
        eth.set(2_000e8);
        deposit(alice, 5_010e6);
        open(alice, ETH, 10e18);
        vm.prank(alice);
        mandates.grantMandate(address(0), 0, Mandates.Mandate(uint64(block.timestamp + 30 days), 500_000, 1_000));
        LastPrice last = succeeded(1_900e8);
        vm.prank(keeper);
        vm.expectPartialRevert(Mandates.IndexStale.selector);
        mandates.reduce(Mandates.Order(alice, ETH, 1e18, 0, "1"));
        vm.prank(owner);
        mandates.setIndex(ETH, last, RHYTHM);
        vm.prank(keeper);
        mandates.reduce(Mandates.Order(alice, ETH, 1e18, 0, "1"));
        equal(venue.sizeOf(alice, ETH), 9e18, "reduced");
    }
}
