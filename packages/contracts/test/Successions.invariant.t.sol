// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {Successions} from "../contracts/Successions.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {PerpVenueInvariants, VenueActor} from "./PerpVenue.invariant.t.sol";

/// @dev As its parent; and now and then a feed dies for good, or for a while, and is succeeded by one that moves.
contract SuccessionActor is VenueActor {
    uint256 public count;
    mapping(bytes32 market => bool) public closed;
    mapping(bytes32 market => uint256) public longMost;
    mapping(bytes32 market => uint256) public shortMost;

    function succeed(uint256 market, uint256 price, uint256 dead, uint256 notice, bool again) external {
        bytes32 id = pick(market);
        (PriceFeed old, PriceFeed other) = id == ETH ? (eth, btc) : (btc, eth);
        (int256 last, int256 rest) = (priceOf(old), priceOf(other));
        PriceFeed next =
            new PriceFeed("next", int256(bound(price, uint256(last) / 2, uint256(last) * 2)), address(this));
        (dead, notice) = (bound(dead, 2 days, 4 days), bound(notice, 2 days, 7 days));
        uint256 pool = venue.pool();
        vm.warp(block.timestamp + dead);
        name(id, next, dead > 3 days);
        if (again) old.set(last);
        vm.warp(block.timestamp + notice);
        next.set(priceOf(next));
        bool due = !again && dead > 3 days && notice >= 3 days && notice < 6 days;
        if (!put(id, due)) old.set(last);
        else if (id == ETH) eth = next;
        else btc = next;
        other.set(rest);
        if (venue.pool() != pool) fault = "a succession moved money";
    }

    function name(bytes32 id, PriceFeed next, bool due) private {
        next.set(priceOf(next));
        Successions successions = venue.successions();
        vm.prank(owner);
        try successions.nameSuccessor(id, next, 1 hours) {
            if (!due) fault = "a feed that lives was given a successor";
        } catch {
            if (due) fault = "a dead feed got no successor";
        }
    }

    function put(bytes32 id, bool due) private returns (bool done) {
        try venue.successions().succeed(id) {
            if (!due) fault = "succeeded, and not due";
            PerpMarkets.MarketView memory m = venue.marketOf(id);
            (closed[id], longMost[id], shortMost[id]) = (true, m.longSize, m.shortSize);
            ++count;
            return true;
        } catch {
            if (due) fault = "due, and not succeeded";
        }
    }

    function priceOf(PriceFeed feed) private view returns (int256 price) {
        (, price,,,) = feed.latestRoundData();
    }
}

/// @dev What holds of a venue holds through successions, and a market that was succeeded only shrinks.
contract SuccessionInvariants is PerpVenueInvariants {
    SuccessionActor private _actor;

    function setUp() public override {
        _actor = new SuccessionActor();
        actor = _actor;
        (venue, book, usdc) = actor.parts();
        target(address(actor));
    }

    function invariant_a_market_that_was_succeeded_only_shrinks() public view {
        bytes32[] memory ids = venue.markets();
        for (uint256 i = 0; i < ids.length; ++i) {
            PerpMarkets.MarketView memory m = venue.marketOf(ids[i]);
            equal(m.maxOpenInterest, _actor.closed(ids[i]) ? 0 : 10_000_000e18, "what it may be");
            if (!_actor.closed(ids[i])) continue;
            holds(m.longSize <= _actor.longMost(ids[i]) && m.shortSize <= _actor.shortMost(ids[i]), "less and less");
        }
    }
}

/// @dev The campaign above is worth what it reaches: a fixed run of it must close and liquidate in a market that was succeeded.
contract SuccessionActorReachTest is SuccessionActor {
    function test_the_campaign_reaches_successions_and_what_follows() public {
        for (uint256 i = 0; i < 24; ++i) {
            uint256 r = uint256(keccak256(abi.encode(i)));
            this.trade(r, r >> 8, r >> 16, (r >> 128) % 2 == 0);
        }
        uint256 open = venue.marketOf(ETH).longSize + venue.marketOf(BTC).longSize;
        holds(open > 0, "positions");
        for (uint256 i = 0; i < 48; ++i) {
            uint256 r = uint256(keccak256(abi.encode(i)));
            this.succeed(r, r >> 32, r >> 64, r >> 96, r % 5 == 0);
            this.liquidate(r >> 48, r >> 56);
            this.close(r >> 64, r >> 72, r >> 80);
            this.trade(r, r >> 8, r >> 16, (r >> 128) % 2 == 0);
        }
        holds(count > 3, "successions");
        holds(closed[ETH] && closed[BTC], "of both");
        holds(venue.marketOf(ETH).longSize + venue.marketOf(BTC).longSize < open, "and less is open");
        holds(bytes(fault).length == 0, fault);
    }
}
