// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LimitBook} from "../contracts/LimitBook.sol";
import {BookTest} from "./BookTest.sol";

/// @dev Posts whatever it is told to, keeps what was accepted, and moves the clock.
contract BookPoster is BookTest {
    struct Taken {
        uint256 time;
        uint128 maxNotional;
    }

    uint64 public sequence;
    uint128 public greatestCredit;
    uint64 public refusedSequence;
    bool public acceptedStale;
    bool public refusedFitting;
    Taken[] public taken;

    constructor() {
        deployBook();
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

    function post(uint64 ahead, uint256 maxNotional, uint256 credit) external {
        uint64 next = sequence + uint64(bound(ahead, 0, 2)); // 0: a replay
        LimitBook.Limit memory certificate = limit(next, uint128(bound(maxNotional, 0, 20_000e18)));
        certificate.credit = uint128(bound(credit, 0, 1_000e18));
        uint128 ceiling = book.ceilingOf(alice, venue, market);
        try book.accept(certificate, signed(certificate)) {
            if (next <= sequence) acceptedStale = true;
            sequence = next;
            if (certificate.credit > greatestCredit) greatestCredit = certificate.credit;
            taken.push(Taken(block.timestamp, certificate.maxNotional));
        } catch {
            if (next > sequence && certificate.maxNotional <= ceiling) refusedFitting = true;
        }
    }
}

contract LimitBookInvariants is BookTest {
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

    function invariant_credit_never_falls() public view {
        equal(book.creditOf(alice, venue), poster.greatestCredit(), "the greatest ever accepted");
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
