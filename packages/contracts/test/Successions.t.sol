// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LastPrice} from "../contracts/LastPrice.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {Successions} from "../contracts/Successions.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {OddFeed, SuccessionTest, WaryFeed} from "./SuccessionTest.sol";

/// @dev Who may put what in the place of a feed, and when.
contract SuccessionsTest is SuccessionTest {
    event SuccessorNamed(bytes32 indexed market, address indexed feed, uint32 heartbeatSeconds, uint256 price);
    event SuccessorWithdrawn(bytes32 indexed market, address indexed feed);
    event MarketSucceeded(bytes32 indexed market, address indexed feed, uint32 heartbeatSeconds);

    function setUp() public {
        deploySuccession();
    }

    // ---------------------------------------------------------------- the whole way

    function test_succeed_worked_example() public {
        pass(DEAD + 1);
        vm.prank(alice);
        vm.expectPartialRevert(PerpMarkets.PriceStale.selector);
        venue.reduce(ETH, MAX, 0);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        vm.expectEmit(address(successions));
        emit SuccessorNamed(ETH, address(last), RHYTHM, 1_900e18);
        name(last);
        Successions.Successor memory it = successions.successorOf(ETH);
        equal(address(it.feed), address(last), "readable");
        equal(it.heartbeatSeconds, RHYTHM, "its rhythm");
        equal(it.namedAt, block.timestamp, "since when");
        equal(venue.marketOf(ETH).feed, address(eth), "nothing has changed yet");
        pass(NOTICE);
        vm.expectEmit(address(venue));
        emit MarketSucceeded(ETH, address(last), RHYTHM);
        vm.prank(keeper);
        successions.succeed(ETH);
        PerpVenue.MarketView memory m = venue.marketOf(ETH);
        equal(m.feed, address(last), "its feed");
        equal(m.heartbeatSeconds, RHYTHM, "its rhythm");
        equal(m.price, 1_900e18, "its price");
        holds(m.fresh, "fresh");
        equal(m.maxOpenInterest, 0, "nothing is opened");
        equal(m.longSize, 10e18, "what was open is");
        equal(successions.successorOf(ETH).namedAt, 0, "nobody is named any more");
        closeAll(alice, ETH);
        closeAll(bob, ETH);
        equal(collateral(alice), 4_000e18, "5,010 less a fee of 10 and a loss of 1,000");
        equal(collateral(bob), 6_000e18, "and a gain of as much");
        withdraw(alice, 4_000e6);
        withdraw(bob, 6_000e6);
    }

    function test_succeed_edge_nothing_is_opened_any_more() public {
        succeeded(2_000e8);
        deposit(carol, 10_000e6);
        certify(carol, ETH, 1_000_000e18, 100_000e18, 100_000);
        refuse(carol, ETH, 1, PerpPositions.OpenInterestExceeded.selector);
        refuse(carol, ETH, -1, PerpPositions.OpenInterestExceeded.selector);
        refuse(alice, ETH, 1, PerpPositions.OpenInterestExceeded.selector);
        refuse(bob, ETH, -1, PerpPositions.OpenInterestExceeded.selector);
        refuse(alice, ETH, -11e18, PerpPositions.OpenInterestExceeded.selector);
        open(alice, ETH, -4e18);
        equal(venue.sizeOf(alice, ETH), 6e18, "less is always possible");
        vm.prank(alice);
        venue.reduce(ETH, 1e18, 0);
        open(carol, BTC, 0.1e18);
    }

    /// @dev Whose equity is below maintenance margin at the price that everybody could read for three days is liquidated.
    function test_succeed_edge_what_is_too_far_gone_is_liquidated() public {
        succeeded(1_560e8); // equity 600 on 780
        vm.prank(keeper);
        venue.liquidate(alice, ETH);
        equal(venue.sizeOf(alice, ETH), 0, "closed");
        equal(collateral(alice), 444e18, "600 less 1 % of 15,600");
        vm.expectPartialRevert(PerpLiquidations.Healthy.selector);
        venue.liquidate(bob, ETH);
    }

    /// @dev Deposits are open through the notice: who adds is not liquidated when it is over.
    function test_succeed_edge_who_deposits_during_the_notice_is_not() public {
        LastPrice last = named(1_560e8);
        (, int256 answer,,,) = last.latestRoundData();
        equal(answer, 1_560e8, "can be read");
        deposit(alice, 180e6);
        successions.succeed(ETH);
        vm.expectRevert(abi.encodeWithSelector(PerpLiquidations.Healthy.selector, 780e18, 780e18));
        venue.liquidate(alice, ETH);
    }

    function test_succeed_edge_a_pause_stops_none_of_it() public {
        vm.prank(guardian);
        venue.pause();
        succeeded(1_900e8);
        closeAll(alice, ETH);
        withdraw(alice, 4_000e6);
    }

    function test_succeed_edge_digits_of_its_own() public {
        pass(DEAD + 1);
        OddFeed odd = new OddFeed(18, 1_900e18, block.timestamp);
        name(odd);
        pass(NOTICE);
        odd.set(2, 1_905_00, block.timestamp);
        successions.succeed(ETH);
        equal(venue.marketOf(ETH).price, 1_905e18, "as it counts when it succeeds");
    }

    /// @dev Its parameters stay a market's own: a ramp goes on, and another one may come.
    function test_succeed_edge_a_ramp_goes_on() public {
        PerpMarkets.MarketParams memory p = PerpMarkets.MarketParams({
            market: ETH, mmPpm: 80_000, effectiveAt: uint64(START + DEAD + NOTICE), sequence: 1, epoch: book.epoch()
        });
        venue.acceptMarketParams(p, sign(p));
        succeeded(2_000e8);
        equal(venue.marketOf(ETH).mmPpm, 50_003, "a second of three hours");
        pass(3 hours);
        equal(venue.marketOf(ETH).mmLiquidationPpm, 80_000, "there");
        (p.sequence, p.mmPpm, p.effectiveAt) = (2, 60_000, uint64(block.timestamp));
        venue.acceptMarketParams(p, sign(p));
    }

    /// @dev A successor that dies in turn is succeeded in turn.
    function test_succeed_edge_a_successor_that_dies_is_succeeded() public {
        pass(DEAD + 1);
        PriceFeed next = new PriceFeed("ETH / USD", 1_900e8, address(this));
        name(next);
        pass(NOTICE);
        next.set(1_910e8);
        successions.succeed(ETH);
        equal(venue.marketOf(ETH).price, 1_910e18, "it lives");
        LastPrice last = new LastPrice("ETH / USD", 1_920e8, 8);
        vm.prank(owner);
        vm.expectPartialRevert(Successions.FeedAlive.selector);
        successions.nameSuccessor(ETH, last, RHYTHM);
        succeeded(1_920e8);
        equal(venue.marketOf(ETH).price, 1_920e18, "and has a successor");
    }

    /// @dev Others at the venue are as they were, before and after.
    function test_succeed_property_moves_no_money(uint256 price) public {
        deposit(carol, 10_000e6);
        open(carol, BTC, 1e18);
        PerpVenue.AccountView memory before = venue.accountOf(carol);
        (uint256 held, uint256 pool) = (usdc.balanceOf(address(venue)), venue.pool());
        succeeded(int256(bound(price, 1, uint128(type(int128).max) / 1e20)));
        equal(usdc.balanceOf(address(venue)), held, "tokens");
        equal(venue.pool(), pool, "pool");
        equal(collateral(alice), 5_000e18, "alice");
        equal(collateral(bob), 5_000e18, "bob");
        equal(venue.accountOf(carol).equity, before.equity, "carol");
        equal(venue.accountOf(carol).im, before.im, "carol's margin");
        closeAll(alice, ETH);
        closeAll(bob, ETH);
        uint256 sum = venue.pool() + (collateral(alice) + collateral(bob) + collateral(carol)) / 1e12;
        equal(sum, usdc.balanceOf(address(venue)), "every token is an account's or the pool's");
    }

    // ---------------------------------------------------------------- succeeding

    function test_succeed_error_not_due() public {
        vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, ETH));
        successions.succeed(ETH);
        pass(DEAD + 1);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        name(last);
        (uint256 from, uint256 until) = (block.timestamp + NOTICE, block.timestamp + NOTICE + TERM);
        vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, BTC));
        successions.succeed(BTC);
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(Successions.NotDue.selector, from, until));
        successions.succeed(ETH);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(Successions.NotDue.selector, from, until));
        successions.succeed(ETH);
        vm.warp(until - 1);
        successions.succeed(ETH);
        vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, ETH));
        successions.succeed(ETH);
    }

    /// @dev A feed that comes back is left, however short it was back, and whatever it does after that.
    function test_succeed_error_a_feed_that_came_back() public {
        pass(DEAD + 1);
        eth.set(0);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        name(last);
        uint256 then = block.timestamp;
        vm.warp(then + NOTICE);
        eth.set(2_000e8);
        vm.expectRevert(abi.encodeWithSelector(Successions.FeedAlive.selector, ETH, then + NOTICE));
        successions.succeed(ETH);
        vm.warp(then + NOTICE + 1);
        eth.setAt(2_000e8, then); // it answered once its successor was named, and is three days old again
        vm.expectRevert(abi.encodeWithSelector(Successions.FeedAlive.selector, ETH, then));
        successions.succeed(ETH);
        eth.setAt(2_000e8, then - 1);
        successions.succeed(ETH);
    }

    function test_succeed_error_a_successor_that_died_meanwhile() public {
        pass(DEAD + 1);
        OddFeed odd = new OddFeed(8, 1_900e8, block.timestamp);
        name(odd);
        pass(NOTICE);
        vm.expectPartialRevert(Successions.NoFreshPrice.selector);
        successions.succeed(ETH);
        odd.set(8, 0, block.timestamp);
        vm.expectPartialRevert(Successions.NoFreshPrice.selector);
        successions.succeed(ETH);
        odd.set(19, 1_900e8, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(Successions.OutOfBounds.selector, "decimals"));
        successions.succeed(ETH);
        odd.set(8, 1_900e8, block.timestamp - RHYTHM);
        successions.succeed(ETH);
    }

    function test_succeed_error_at_the_venue_nobody_else() public {
        named(1_900e8);
        address[3] memory others = [owner, guardian, alice];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(PerpLiquidations.NotAppointed.selector, others[i]));
            venue.succeed(ETH, btc, RHYTHM, 1e10);
        }
    }

    /// @dev A feed that lives is not made dead by a call with too little gas for it.
    function test_succeed_attack_no_gas_for_a_feed_that_lives(uint256 gas_) public {
        named(1_900e8);
        eth.set(2_000e8);
        gas_ = bound(gas_, 1, 1_500_000);
        (bool done,) = address(successions).call{gas: gas_}(abi.encodeCall(Successions.succeed, (ETH)));
        holds(!done, "not succeeded");
        equal(venue.marketOf(ETH).feed, address(eth), "its feed is as it was");
    }

    /// @dev bug: one that burns nothing where it has too little left enough for the rest, and a living feed was replaced by whoever called with
    ///      little gas; one that burns it did so from 500,000 on.
    function test_succeed_bug_too_little_gas_for_a_feed_that_lives_and_burns_none() public {
        named(1_900e8);
        vm.etch(address(eth), address(new WaryFeed(490_000)).code);
        holds(!successions.isDead(ETH), "it lives");
        for (uint256 gas_ = 100_000; gas_ < 1_200_000; gas_ += 5_000) {
            (bool done,) = address(successions).call{gas: gas_}(abi.encodeCall(Successions.succeed, (ETH)));
            holds(!done, "not succeeded");
        }
        (, bytes memory reason) = address(successions).call{gas: 1_000_000}(abi.encodeCall(Successions.succeed, (ETH)));
        holds(bytes4(reason) == Successions.TooLittleGas.selector, "it is not even asked");
        vm.expectPartialRevert(Successions.FeedAlive.selector);
        successions.succeed(ETH);
    }

    /// @dev A dead feed that burns all gas that it is given does not keep its successor out of a transaction of the greatest size.
    function test_succeed_attack_a_dead_feed_that_burns_all_gas() public {
        vm.etch(address(eth), hex"fe");
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        uint256 most = (1 << 24) - 30_000; // EIP-7825, less what a transaction costs by itself
        vm.prank(owner);
        (bool done,) =
            address(successions).call{gas: most}(abi.encodeCall(Successions.nameSuccessor, (ETH, last, RHYTHM)));
        holds(done, "named");
        pass(NOTICE);
        (done,) = address(successions).call{gas: most}(abi.encodeCall(Successions.succeed, (ETH)));
        holds(done, "succeeded");
        closeAll(alice, ETH);
    }

    /// @dev bug: all that a feed answered was copied, so that a dead one whose answer is long enough left nothing for what comes after it: it
    ///      kept its successor out, and every account that held its market in, for good.
    function test_succeed_bug_a_dead_feed_that_answers_with_a_bomb() public {
        vm.etch(address(eth), hex"622300005ff3"); // 2.2 MiB, which a transaction pays for once, and not twice
        uint256 most = (1 << 24) - 30_000;
        pass(DEAD + 1);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        vm.prank(owner);
        (bool done,) =
            address(successions).call{gas: most}(abi.encodeCall(Successions.nameSuccessor, (ETH, last, RHYTHM)));
        holds(done, "named");
        pass(NOTICE);
        (done,) = address(successions).call{gas: most}(abi.encodeCall(Successions.succeed, (ETH)));
        holds(done, "succeeded");
        closeAll(alice, ETH);
    }

    // ---------------------------------------------------------------- withdrawing

    function test_withdraw_worked_example() public {
        address[2] memory who = [owner, guardian];
        for (uint256 i = 0; i < 2; ++i) {
            LastPrice last = named(1_900e8);
            vm.expectEmit(address(successions));
            emit SuccessorWithdrawn(ETH, address(last));
            vm.prank(who[i]);
            successions.withdrawSuccessor(ETH);
            equal(successions.successorOf(ETH).namedAt, 0, "nobody");
            vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, ETH));
            successions.succeed(ETH);
        }
    }

    function test_withdraw_error_a_stranger_while_it_is_dead() public {
        vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, ETH));
        successions.withdrawSuccessor(ETH);
        named(1_900e8);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Successions.NotGuardian.selector, alice));
        successions.withdrawSuccessor(ETH);
    }

    /// @dev Whoever sees a feed alive ends what was named in its absence: no owner keeps one for a bad day.
    function test_withdraw_edge_anybody_once_it_came_back() public {
        named(1_900e8);
        eth.set(2_000e8);
        vm.prank(alice);
        successions.withdrawSuccessor(ETH);
        eth.set(0);
        vm.expectRevert(abi.encodeWithSelector(Successions.NoSuccessor.selector, ETH));
        successions.succeed(ETH);
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        name(last);
        uint256 then = block.timestamp;
        vm.warp(then + DEAD + 1);
        eth.setAt(2_000e8, then);
        vm.prank(alice);
        successions.withdrawSuccessor(ETH);
    }
}
