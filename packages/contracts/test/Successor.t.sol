// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceFeed} from "../contracts/IPriceFeed.sol";
import {LastPrice} from "../contracts/LastPrice.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {Successions} from "../contracts/Successions.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {OddFeed, SuccessionTest} from "./SuccessionTest.sol";

/// @dev Which feed is dead, and who may be named to succeed it.
contract SuccessorTest is SuccessionTest {
    function setUp() public {
        deploySuccession();
    }

    // ---------------------------------------------------------------- what is dead

    function test_is_dead_edge_by_age() public {
        holds(!successions.isDead(ETH), "fresh");
        vm.warp(START + DEAD);
        holds(!successions.isDead(ETH), "three days old");
        vm.warp(START + DEAD + 1);
        holds(successions.isDead(ETH), "and a second");
        eth.setAt(2_000e8, block.timestamp + DEAD);
        holds(!successions.isDead(ETH), "three days ahead");
        eth.setAt(2_000e8, block.timestamp + DEAD + 1);
        holds(successions.isDead(ETH), "and a second");
        eth.setAt(2_000e8, type(uint256).max);
        holds(successions.isDead(ETH), "of the end of time");
        // Of 2^64 and the present it would be of the present, if it were cut.
        eth.setAt(2_000e8, (uint256(1) << 64) + block.timestamp);
        holds(successions.isDead(ETH), "of a time that no view holds");
    }

    function test_is_dead_edge_not_within_its_heartbeat() public {
        bytes32 sol = keccak256("SOL-PERP");
        PriceFeed feed = new PriceFeed("SOL / USD", 100e8, address(this));
        PerpMarkets.MarketConfig memory slow = config(sol, feed);
        slow.heartbeatSeconds = 7 days;
        vm.prank(owner);
        venue.addMarket(slow);
        vm.warp(START + 7 days);
        holds(!successions.isDead(sol), "it may be a week old");
        vm.warp(START + 7 days + 1);
        holds(successions.isDead(sol), "no more");
    }

    /// @dev What has no price is of no time: it is dead, although its price may be older than that.
    function test_is_dead_edge_without_a_price_whatever_its_heartbeat() public {
        bytes32 sol = keccak256("SOL-PERP");
        PriceFeed feed = new PriceFeed("SOL / USD", 100e8, address(this));
        PerpMarkets.MarketConfig memory slow = config(sol, feed);
        slow.heartbeatSeconds = type(uint32).max;
        vm.prank(owner);
        venue.addMarket(slow);
        vm.warp(START + 1_000 days);
        holds(!successions.isDead(sol), "any age is fresh");
        feed.set(0);
        holds(successions.isDead(sol), "and nothing is none");
    }

    function test_is_dead_edge_without_a_price() public {
        eth.set(0);
        holds(successions.isDead(ETH), "zero");
        eth.set(-1);
        holds(successions.isDead(ETH), "negative");
        eth.set(2_000e8);
        holds(!successions.isDead(ETH), "back");
        vm.mockCallRevert(address(eth), abi.encodeCall(eth.latestRoundData, ()), "gone");
        holds(successions.isDead(ETH), "reverts");
        vm.clearMockedCalls();
        vm.etch(address(eth), "");
        holds(successions.isDead(ETH), "is no contract");
        vm.expectPartialRevert(PerpMarkets.UnknownMarket.selector);
        successions.isDead(keccak256("NONE"));
    }

    // ---------------------------------------------------------------- naming

    function test_name_error_of_a_feed_that_lives() public {
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(Successions.FeedAlive.selector, ETH, START));
        successions.nameSuccessor(ETH, last, RHYTHM);
        vm.warp(START + DEAD);
        vm.expectRevert(abi.encodeWithSelector(Successions.FeedAlive.selector, ETH, START));
        successions.nameSuccessor(ETH, last, RHYTHM);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.UnknownMarket.selector, bytes32("NONE")));
        successions.nameSuccessor("NONE", last, RHYTHM);
        vm.stopPrank();
    }

    function test_name_error_not_the_owner() public {
        pass(DEAD + 1);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        address[3] memory others = [guardian, alice, address(venue)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Successions.NotOwner.selector, others[i]));
            successions.nameSuccessor(ETH, last, RHYTHM);
        }
    }

    function test_name_error_a_successor_that_says_nothing() public {
        pass(DEAD + 1);
        refuseName(new OddFeed(8, 0, block.timestamp), RHYTHM, Successions.NoFreshPrice.selector);
        refuseName(new OddFeed(8, -1, block.timestamp), RHYTHM, Successions.NoFreshPrice.selector);
        refuseName(new OddFeed(8, 1, block.timestamp + 1), RHYTHM, Successions.NoFreshPrice.selector);
        refuseName(new OddFeed(8, 1, block.timestamp - RHYTHM - 1), RHYTHM, Successions.NoFreshPrice.selector);
        refuseName(new OddFeed(19, 1, block.timestamp), RHYTHM, Successions.OutOfBounds.selector);
        refuseName(new OddFeed(8, 1, block.timestamp), 0, Successions.OutOfBounds.selector);
        refuseName(new OddFeed(8, 1, block.timestamp), uint32(DEAD) + 1, Successions.OutOfBounds.selector);
        vm.prank(owner);
        vm.expectRevert(bytes(""));
        successions.nameSuccessor(ETH, IPriceFeed(address(0xdead)), RHYTHM);
        IPriceFeed slow = new OddFeed(8, 1, block.timestamp - DEAD);
        vm.prank(owner);
        successions.nameSuccessor(ETH, slow, uint32(DEAD));
    }

    /// @dev One that is dead does not succeed itself, by whatever heartbeat.
    function test_name_error_the_dead_feed_itself(uint32 heartbeat) public {
        pass(DEAD + 1);
        heartbeat = uint32(bound(heartbeat, 1, DEAD));
        refuseName(eth, heartbeat, Successions.NoFreshPrice.selector);
        eth.set(0);
        refuseName(eth, heartbeat, Successions.NoFreshPrice.selector);
    }

    function test_name_edge_again_begins_the_notice_anew() public {
        LastPrice first = named(1_900e8);
        pass(0);
        LastPrice second = new LastPrice("ETH / USD", 1_950e8, 8);
        holds(address(first) != address(second), "another");
        name(second);
        pass(NOTICE - 1);
        vm.expectPartialRevert(Successions.NotDue.selector);
        successions.succeed(ETH);
        pass(1);
        successions.succeed(ETH);
        equal(venue.marketOf(ETH).price, 1_950e18, "the one named last");
    }

    function refuseName(IPriceFeed feed, uint32 heartbeat, bytes4 reason) private {
        vm.prank(owner);
        vm.expectPartialRevert(reason);
        successions.nameSuccessor(ETH, feed, heartbeat);
    }
}

contract LastPriceTest is SuccessionTest {
    function test_last_price_worked_example() public {
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        vm.warp(START + 1000 days);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = last.latestRoundData();
        equal(answer, 1_900e8, "its price");
        equal(updatedAt, START + 1000 days, "of now");
        equal(startedAt, updatedAt, "of now");
        equal(round, answeredIn, "a whole round");
        equal(last.decimals(), 8, "digits");
        holds(keccak256(bytes(last.description())) == keccak256("ETH / USD"), "what it prices");
    }

    function test_last_price_error() public {
        vm.expectPartialRevert(LastPrice.NoPrice.selector);
        new LastPrice("", 0, 8);
        vm.expectPartialRevert(LastPrice.NoPrice.selector);
        new LastPrice("", -1, 8);
        vm.expectPartialRevert(LastPrice.NoPrice.selector);
        new LastPrice("", int256(type(int128).max) + 1, 8);
        vm.expectPartialRevert(LastPrice.NoPrice.selector);
        new LastPrice("", 1, 19);
        new LastPrice("", type(int128).max, 18);
        new LastPrice("", 1, 0);
    }
}
