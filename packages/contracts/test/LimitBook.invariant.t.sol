// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LimitBook} from "../contracts/LimitBook.sol";
import {CreditBook} from "../contracts/CreditBook.sol";
import {MarkDownTest} from "./MarkDownTest.sol";

/// @dev Posts whatever it is told to, keeps what was accepted, and moves the clock and the prices.
contract BookPoster is MarkDownTest {
    struct Taken {
        uint256 time;
        uint128 maxNotional;
    }

    uint64 public sequence;
    uint128 public credit;
    uint64 public markedAt;
    uint64 public markDowns;
    bool public raisedByMarkDown;
    bool public belowFloor;
    bool public undone;
    bool public acceptedStale;
    bool public refusedFitting;
    Taken[] public taken;

    constructor() {
        deployPriced();
    }

    function bookOf() external view returns (LimitBook) {
        return book;
    }

    function takenCount() external view returns (uint256) {
        return taken.length;
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 2 hours));
    }

    function price(uint256 dollars) external {
        eth.set(int256(bound(dollars, 1, 10_000)) * 1e8);
        usdc.set(1e8);
    }

    function cut(uint64 ahead, uint256 to, uint256 amount, uint32 share) external {
        CreditBook.Evidence memory it = evidence(uint128(bound(amount, 0, 2e18)), uint32(bound(share, 0, 1e6)));
        CreditBook.MarkDown memory order =
            markDown(markDowns + uint64(bound(ahead, 0, 2)), uint128(bound(to, 0, 1_100e18)), it);
        try book.markDown(order, it, signed(order)) {
            if (order.sequence <= markDowns) acceptedStale = true;
            if (order.credit >= credit || book.creditOf(alice, venue) != order.credit) raisedByMarkDown = true;
            if (order.credit < book.floorOf(it)) belowFloor = true;
            (credit, markDowns, markedAt) = (order.credit, order.sequence, order.issuedAt);
        } catch {}
    }

    function post(uint64 ahead, uint256 maxNotional, uint256 asked) external {
        uint64 next = sequence + uint64(bound(ahead, 0, 2)); // 0: a replay
        LimitBook.Limit memory certificate = limit(next, uint128(bound(maxNotional, 0, 20_000e18)));
        certificate.credit = uint128(bound(asked, 0, 1_000e18));
        uint128 ceiling = book.ceilingOf(alice, venue, market);
        try book.accept(certificate, signed(certificate)) {
            if (next <= sequence) acceptedStale = true;
            sequence = next;
            if (certificate.credit > credit) {
                if (certificate.issuedAt <= markedAt) undone = true;
                credit = certificate.credit;
            }
            taken.push(Taken(block.timestamp, certificate.maxNotional));
        } catch {
            bool undoes = certificate.credit > credit && certificate.issuedAt <= markedAt;
            if (next > sequence && certificate.maxNotional <= ceiling && !undoes) refusedFitting = true;
        }
    }
}

contract LimitBookInvariants is MarkDownTest {
    BookPoster internal poster;

    function setUp() public {
        poster = new BookPoster();
        book = poster.bookOf();
        target(address(poster));
    }

    function invariant_sequence_strictly_rises() public view {
        holds(!poster.acceptedStale(), "a stale certificate was accepted");
        equal(book.limitOf(alice, venue, market).sequence, poster.sequence(), "the last one holds");
    }

    function invariant_what_fits_is_accepted() public view {
        holds(!poster.refusedFitting(), "a certificate at or below the ceiling was refused");
    }

    function invariant_certificates_raise_credit_and_mark_downs_lower_it() public view {
        equal(book.creditOf(alice, venue), poster.credit(), "by nothing else");
        holds(!poster.raisedByMarkDown(), "a mark-down did not lower");
        holds(!poster.belowFloor(), "a mark-down went below the floor");
        holds(!poster.undone(), "a certificate from before undid a mark-down");
    }

    /// @dev Between any two accepted certificates the bucket gave at most its size, and what flowed back meanwhile.
    function invariant_growth_is_bounded_over_any_stretch() public view {
        uint256 count = poster.takenCount();
        for (uint256 i = 0; i < count; ++i) {
            (uint256 from, uint128 start) = poster.taken(i);
            uint256 base = start > BOOTSTRAP ? start : BOOTSTRAP;
            for (uint256 j = i + 1; j < count; ++j) {
                (uint256 to, uint128 end) = poster.taken(j);
                holds(end <= base + PER_HOUR + (PER_HOUR * (to - from)) / 1 hours, "grew too fast");
            }
        }
    }
}
